// The shared objects of a server: who takes part in which, what is in them, who hears of what.
#pragma once

#include <millrace/rtmp/shared_object.hpp>

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace millrace::rtmp {

/// A shared object as it is kept: without those who take part.
struct StoredObject {
    std::string app;
    std::string name;
    std::uint32_t version = 0;
    std::map<std::string, Bytes, std::less<>> slots; ///< AMF0, one value each.

    friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

/// Reads what write_stored_object wrote. Errors: bad_stored_object, when as much as a bit is different.
Result<StoredObject> read_stored_object(ByteView bytes);
Bytes write_stored_object(const StoredObject& object);

/// A line of the API's list.
struct ObjectInfo {
    std::string app;
    std::string name;
    bool persistent = false;
    std::uint32_t version = 0;
    std::size_t slots = 0;
    std::size_t bytes = 0;
    std::size_t clients = 0;
};

/// Keeps the objects of all applications: messages of clients in, messages for clients out. An application's
/// objects are seen by its own clients only.
///
/// Each change that is accepted raises the version of its object by one; who asked for it gets Success, all
/// others that take part get the Change. What has nobody that takes part is forgotten, a persistent object
/// once it was saved.
class SharedObjects {
public:
    using ClientId = std::uint64_t;

    /// How much peers may make a server hold. A request past a limit is answered with a status.
    struct Limits {
        std::size_t objects = 10000;                      ///< Those that are stored included.
        std::size_t objects_of_client = 100;              ///< That one client takes part in.
        std::size_t slots = 1000;                         ///< Of one object.
        std::size_t name_bytes = 255;                     ///< Of an object, of a slot.
        std::size_t value_bytes = std::size_t{64} << 10U; ///< A slot's value; all that one send carries.
        std::size_t object_bytes = std::size_t{4} << 20U; ///< Of one object.
        std::size_t bytes = std::size_t{256} << 20U;      ///< Of all, those that are stored included.
    };

    /// A message for a client.
    struct Output {
        ClientId client = 0;
        std::shared_ptr<const ObjectMessage> message;
        std::string refusal; ///< Why something was refused, for the log; empty when nothing was.
    };

    /// Names an object of an application.
    using Key = std::pair<std::string, std::string>;

    /// Refusals by status code, and what was ignored.
    using Counters = std::map<std::string_view, std::uint64_t>;

    SharedObjects() = default;
    explicit SharedObjects(Limits limits) : limits_{limits} {}

    void enter(ClientId client, std::string app);
    /// The client is gone: it takes part in nothing any more.
    void leave(ClientId client);
    /// The application of a client; empty when it has not entered.
    std::string_view app_of(ClientId client) const;

    void receive(ClientId client, const ObjectMessage& message);
    std::optional<Output> next();

    /// True while the object is held here. Others may be stored.
    bool knows(const Key& key) const { return objects_.contains(key); }
    /// Takes up a persistent object that was stored, unless it is held already; it counts as held from now
    /// on.
    void restore(StoredObject object);
    /// Persistent objects that changed since they were saved.
    std::vector<Key> unsaved() const { return {unsaved_.begin(), unsaved_.end()}; }
    bool has_unsaved() const { return !unsaved_.empty(); }
    /// What is to be saved, and the version that it then has. Expects: knows(key).
    StoredObject snapshot(const Key& key) const;
    /// That version was saved; who has changed meanwhile stays unsaved.
    void saved(const Key& key, std::uint32_t version);
    /// How much is stored but not held here; counts against the limits. What is restored, and what is
    /// forgotten after it was saved, is added and taken off here.
    void set_stored(std::size_t objects, std::size_t bytes);
    std::size_t stored_objects() const { return stored_objects_; }
    std::size_t stored_bytes() const { return stored_bytes_; }

    std::vector<ObjectInfo> list() const;
    const Counters& counters() const { return counters_; }
    std::size_t bytes() const { return bytes_; }

private:
    struct Object {
        bool persistent = false;
        std::uint32_t version = 0;
        std::uint32_t saved = 0; ///< The version that is stored; 0: none.
        std::map<std::string, Bytes, std::less<>> slots;
        std::size_t bytes = 0;
        std::set<ClientId> clients;
    };
    struct Client {
        std::string app;
        std::set<std::string, std::less<>> uses;
    };
    /// A message while it is handled, with what is to be said to whom.
    struct Turn;
    using Handler = void (SharedObjects::*)(Turn&, const ObjectEvent&);
    struct Rule {
        ObjectAction action;
        Handler handler;
        bool takes_part; ///< Only for those who do.
    };

    void handle(Turn& turn, const ObjectEvent& event);
    void on_use(Turn& turn, const ObjectEvent& event);
    void on_release(Turn& turn, const ObjectEvent& event);
    void on_change(Turn& turn, const ObjectEvent& event);
    void on_remove(Turn& turn, const ObjectEvent& event);
    void on_send(Turn& turn, const ObjectEvent& event);
    void on_clear(Turn& turn, const ObjectEvent& event);
    void refuse(Turn& turn, std::string_view code, std::string why);
    std::string why_no_object(const Turn& turn) const;
    std::string why_no_change(const Object& object, const ObjectEvent& event) const;
    void tell_state(Turn& turn, const Object& object);
    void changed(const Turn& turn, Object& object);
    void finish(Turn& turn);
    void release(const Key& key, ClientId client);
    void forget_if_idle(const Key& key);
    Object* find(const Key& key);

    Limits limits_;
    std::map<Key, Object> objects_;
    std::unordered_map<ClientId, Client> clients_;
    std::set<Key> unsaved_;
    std::vector<Output> outputs_;
    std::size_t next_ = 0;
    std::size_t bytes_ = 0;
    std::size_t stored_objects_ = 0;
    std::size_t stored_bytes_ = 0;
    Counters counters_;
};

} // namespace millrace::rtmp
