"""Shared objects: from the wire to the API, and over a restart of the server."""

import json
import struct

from harness import amf
from harness.process import wait_until
from harness.rtmp import RtmpClient
from harness.scale import patience

SHARED_OBJECT = 19
USE, REQUEST_CHANGE, CHANGE, SUCCESS, STATUS, CLEAR, USE_SUCCESS = 1, 3, 4, 5, 7, 8, 11


def text(value):
    return struct.pack(">H", len(value)) + value.encode()


class Guest(RtmpClient):
    """A client that takes part in the object "chat"."""

    persistent = True

    def say(self, action, data=b"", name="chat"):
        flags = 2 if self.persistent else 0
        self.send(SHARED_OBJECT, text(name) + struct.pack(">III", 0, flags, 0) + struct.pack(">BI", action, len(data)) + data)

    def hear(self):
        """Version and events of the next shared object message; an event is its number and its bytes."""
        while message := self.next_message():
            if message.type == SHARED_OBJECT:
                break
        assert message, "the server closed"
        payload = message.payload
        at = 2 + struct.unpack_from(">H", payload)[0]
        version, at, events = struct.unpack_from(">I", payload, at)[0], at + 12, []
        while at < len(payload):
            action, size = struct.unpack_from(">BI", payload, at)
            events.append((action, payload[at + 5:at + 5 + size]))
            at += 5 + size
        return version, events

    def change(self, slot, value):
        self.say(REQUEST_CHANGE, text(slot) + amf.encode_all(value))


def enter(nursery, server, app="live"):
    return nursery.closes(Guest(server.rtmp_port, timeout=patience(10))).connect(app)


def test_two_clients_share_an_object_that_the_api_shows(millrace, nursery):
    one, two, other = enter(nursery, millrace), enter(nursery, millrace), enter(nursery, millrace, "other")
    for guest in (one, two, other):
        guest.say(USE)
        assert guest.hear() == (0, [(USE_SUCCESS, b""), (CLEAR, b"")])
    one.change("topic", "rivers")
    assert one.hear() == (1, [(SUCCESS, text("topic"))])
    assert two.hear() == (1, [(CHANGE, text("topic") + amf.encode_all("rivers"))])
    objects = {(entry["app"], entry["name"]): entry for entry in millrace.api("shared_objects")["shared_objects"]}
    assert set(objects) == {("live", "chat"), ("other", "chat")}
    chat = objects["live", "chat"]
    assert (chat["persistent"], chat["version"], chat["slots"], chat["clients"]) == (True, 1, 1, 2)
    assert millrace.metrics()["millrace_shared_objects"] == 2
    two.close()
    wait_until(lambda: millrace.api("shared_objects")["shared_objects"][0]["clients"] == 1, patience(5), "one has left")

    one.persistent = False
    one.say(USE)
    code = text("SharedObject.BadPersistence") + text("error")
    assert one.hear()[1] == [(STATUS, code)]
    assert millrace.metrics()['millrace_shared_object_refusals_total{reason="SharedObject.BadPersistence"}'] == 1
    status, headers, body = millrace.request("/api/v1/shared_objects", method="POST")
    assert status == 405 and "GET" in headers["Allow"] and json.loads(body)["error"]


def test_a_persistent_object_outlives_the_server(start_millrace, nursery, tmp_path):
    data = tmp_path / "shared"
    first = start_millrace(data=data)
    guest = enter(nursery, first)
    guest.say(USE, name="../../chat")
    guest.hear()
    guest.say(REQUEST_CHANGE, text("topic") + amf.encode_all("rivers"), name="../../chat")
    guest.hear()
    first.stop()
    files = [path for path in data.rglob("*") if path.is_file() and path.suffix == ".object"]
    assert len(files) == 1 and files[0].parent.parent == data / "shared_objects"

    second = start_millrace(data=data)
    guest = enter(nursery, second)
    guest.say(USE, name="../../chat")
    version, events = guest.hear()
    assert version == 1 and events[-1] == (CHANGE, text("topic") + amf.encode_all("rivers"))
    second.stop()

    files[0].write_bytes(b"not an object")
    third = start_millrace(data=data)
    guest = enter(nursery, third)
    guest.say(USE, name="../../chat")
    assert guest.hear() == (0, [(USE_SUCCESS, b""), (CLEAR, b"")])
    assert "cannot be used" in third.child.text
