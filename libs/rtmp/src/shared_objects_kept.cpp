// How long shared objects are kept, and how they come from and go to where they are stored.
#include "slot_cost.hpp"
#include <millrace/rtmp/shared_objects.hpp>

#include <algorithm>

namespace millrace::rtmp {

void SharedObjects::release(const Key& key, ClientId client)
{
    if (auto* object = find(key)) {
        object->clients.erase(client);
        forget_if_idle(key);
    }
}

/// A persistent object stays until it was saved.
void SharedObjects::forget_if_idle(const Key& key)
{
    const auto found = objects_.find(key);
    if (found == objects_.end() || !found->second.clients.empty()) {
        return;
    }
    const auto& object = found->second;
    if (object.persistent && object.version != object.saved) {
        return;
    }
    bytes_ -= object.bytes;
    if (object.persistent && object.saved != 0) {
        ++stored_objects_;
        stored_bytes_ += object.bytes;
    }
    objects_.erase(found);
}

void SharedObjects::restore(StoredObject stored)
{
    auto& object = objects_[{stored.app, stored.name}];
    if (object.version != 0 || !object.clients.empty()) {
        return;
    }
    object.persistent = true;
    object.version = stored.version;
    object.saved = stored.version;
    object.slots = std::move(stored.slots);
    for (const auto& [name, value] : object.slots) {
        object.bytes += slot_cost(name, value);
    }
    bytes_ += object.bytes;
    stored_objects_ -= std::min<std::size_t>(stored_objects_, 1);
    stored_bytes_ -= std::min(stored_bytes_, object.bytes);
}

StoredObject SharedObjects::snapshot(const Key& key) const
{
    const auto& object = objects_.at(key);
    return {.app = key.first, .name = key.second, .version = object.version, .slots = object.slots};
}

void SharedObjects::saved(const Key& key, std::uint32_t version)
{
    if (auto* object = find(key)) {
        object->saved = version;
        if (object->version == version) {
            unsaved_.erase(key);
        }
        forget_if_idle(key);
    }
}

void SharedObjects::set_stored(std::size_t objects, std::size_t bytes)
{
    stored_objects_ = objects;
    stored_bytes_ = bytes;
}

std::vector<ObjectInfo> SharedObjects::list() const
{
    std::vector<ObjectInfo> all;
    for (const auto& [key, object] : objects_) {
        all.push_back({.app = key.first,
                       .name = key.second,
                       .persistent = object.persistent,
                       .version = object.version,
                       .slots = object.slots.size(),
                       .bytes = object.bytes,
                       .clients = object.clients.size()});
    }
    return all;
}

} // namespace millrace::rtmp
