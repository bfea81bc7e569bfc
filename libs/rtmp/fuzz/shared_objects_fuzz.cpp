// Whatever clients ask, and whenever they come and go: each that takes part has the slots that the store has,
// nothing grows past its limit, and what is stored comes back the same.
#include "../test/object_replica.hpp"
#include "operations.hpp"

namespace {

using namespace millrace;
using namespace millrace::rtmp;
using ClientId = SharedObjects::ClientId;

const SharedObjects::Limits kLimits{.objects = 4,
                                    .objects_of_client = 2,
                                    .slots = 3,
                                    .name_bytes = 4,
                                    .value_bytes = 64,
                                    .object_bytes = 400,
                                    .bytes = 800};
constexpr ClientId kClients = 4;

class Room {
public:
    void run(ByteReader& in)
    {
        for (ClientId client = 0; client < kClients; ++client) {
            store_.enter(client, "live");
        }
        for (int steps = 0; !in.at_end() && steps < 1000; ++steps) {
            step(in);
            deliver();
            check();
        }
    }

private:
    using Key = SharedObjects::Key;

    void step(ByteReader& in)
    {
        const auto op = in.u8();
        const ClientId client = op % kClients;
        if (op >= 0xf0) {
            return restart(client);
        }
        const std::string name(1, static_cast<char>('a' + (op >> 2U) % 3));
        const auto said = event(in);
        if (said.action == ObjectAction::release) {
            replicas_.erase({client, name});
        }
        asked_ = said.values;
        store_.receive(client, {.name = name, .persistent = name == "c", .events = {said}});
    }

    static ObjectEvent event(ByteReader& in)
    {
        const auto kind = in.u8();
        std::string slot(1, static_cast<char>('a' + (kind >> 4U) % 5));
        switch (kind & 7U) {
        case 0:
        case 1: return {.action = ObjectAction::use};
        case 2: return {.action = ObjectAction::release};
        case 3: return {.action = ObjectAction::request_remove, .name = std::move(slot)};
        case 4: return {.action = ObjectAction::request_clear};
        case 5: return make_send("hello", {static_cast<int>(kind)});
        default: return make_change(ObjectAction::request_change, slot, std::string(in.u8() % 90, 'x'));
        }
    }

    /// A client goes and comes again, and what is to be stored is stored.
    void restart(ClientId client)
    {
        store_.leave(client);
        std::erase_if(replicas_, [client](const auto& entry) { return entry.first.first == client; });
        store_.enter(client, "live");
        for (const auto& key : store_.unsaved()) {
            const auto stored = store_.snapshot(key);
            expect(read_stored_object(write_stored_object(stored)).value_or({}) == stored);
            disk_[key] = stored;
            store_.saved(key, stored.version);
        }
        for (const auto& [key, stored] : disk_) {
            if (!store_.knows(key)) {
                store_.restore(stored);
                store_.receive(0,
                               {.name = key.second, .persistent = true, .events = {}}); // Forgets it again.
                expect(!store_.knows(key));
            }
        }
    }

    void deliver()
    {
        while (const auto output = store_.next()) {
            const std::pair who{output->client, output->message->name};
            for (const auto& event : output->message->events) {
                if (event.action == ObjectAction::use_success) {
                    replicas_[who];
                }
                if (const auto replica = replicas_.find(who); replica != replicas_.end()) {
                    replica->second.asked[event.name] = asked_;
                    replica->second.hear(event);
                    replica->second.take_heard();
                    replica->second.version = output->message->version;
                }
            }
        }
    }

    void check()
    {
        std::size_t bytes = 0;
        for (const auto& object : store_.list()) {
            expect(object.slots <= kLimits.slots && object.bytes <= kLimits.object_bytes);
            expect(object.clients > 0 || object.persistent);
            bytes += object.bytes;
        }
        for (const auto& [who, replica] : replicas_) {
            const auto object = store_.snapshot({"live", who.second});
            expect(replica.slots == object.slots && replica.version <= object.version);
        }
        expect(bytes == store_.bytes() && bytes <= kLimits.bytes && store_.list().size() <= kLimits.objects);
    }

    SharedObjects store_{kLimits};
    std::map<std::pair<ClientId, std::string>, ObjectReplica> replicas_; ///< Of those that take part.
    Bytes asked_; ///< The value of the newest request, which a Success makes true.
    std::map<Key, StoredObject> disk_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{ByteView{data, size}};
    Room room;
    room.run(in);
    return 0;
}
