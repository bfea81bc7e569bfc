"""Whatever a peer sends over RTMP, it gets a clear end with its reason in the log and a counter; a good viewer sees nothing.

All tests of this file attack one server (harness/siege.py).
"""

import os
import random
import socket
import struct

import pytest

from harness import amf, flv
from harness.process import wait_until
from harness.rtmp import COMMAND, HANDSHAKE_BYTES, RtmpClient, write_chunks
from harness.scale import count, patience
from harness.siege import NOISE, Attack


@pytest.fixture
def attack(besieged):
    return Attack(besieged)


@pytest.fixture
def client(besieged, nursery):
    """A connection that has shaken hands."""
    return nursery.closes(RtmpClient(besieged.rtmp_port))


def bare(nursery, server):
    return nursery.closes(RtmpClient(server.rtmp_port, handshake=False))


def send_quietly(client, data):
    """The server may well close before it has read all."""
    try:
        client.socket.sendall(data)
    except OSError:
        pass


def test_noise_instead_of_a_handshake(attack, nursery):
    client = bare(nursery, attack.server)
    send_quietly(client, b"\xff" + NOISE)
    attack.is_refused(client)


def test_a_text_protocol_on_the_rtmp_port(attack, nursery):
    client = bare(nursery, attack.server)
    send_quietly(client, b"EHLO mail.example\r\n" * 200)
    attack.is_refused(client)


def test_noise_after_the_handshake(attack, client):
    send_quietly(client, b"\xc3" + NOISE)
    attack.is_refused(client)


BROKEN_CHUNKS = {
    "a continuation of nothing": b"\xc7" + bytes(64),
    "a chunk size of zero": write_chunks(2, 1, 0, 0, bytes(4), 128),
    "an audio message of 16 MB": b"\x04" + bytes(3) + b"\xff\xff\xff" + b"\x08" + struct.pack("<I", 1) + bytes(128),
    "a new message within a message": b"\x03" + bytes(3) + b"\x00\x10\x00" + b"\x14" + bytes(4) + bytes(128)
                                      + b"\x03" + bytes(3) + b"\x00\x20\x00" + b"\x14" + bytes(4) + bytes(128),
    "thousands of chunk streams": b"".join(
        bytes([1]) + struct.pack("<H", number) + bytes(3) + b"\x00\x10\x00" + b"\x08" + bytes(4) + bytes(128)
        for number in range(3000)),
}


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_broken_chunks(attack, client, name):
    send_quietly(client, BROKEN_CHUNKS[name])
    attack.is_refused(client)


def nested(depth, marker=b"\x03"):
    """An object in an object in an object …"""
    return (marker + b"\x00\x01a") * depth


AMF_BOMBS = {
    "depth": amf.encode_all("connect", 1) + nested(5000),
    "array length": amf.encode_all("connect", 1) + b"\x0a\xff\xff\xff\xff",
    "arrays in arrays": amf.encode_all("connect", 1) + b"\x0a\x00\x00\xff\xff" * 3000,
    "long string": amf.encode_all("connect", 1) + b"\x0c\xff\xff\xff\xff" + b"x" * 100,
    "reference to nothing": amf.encode_all("connect", 1) + b"\x03\x00\x03app\x07\xff\xff\x00\x00\x09",
    "no name": b"\x05\x05\x05",
    "cut": amf.encode_all("connect", 1)[:5],
    "noise": NOISE[:2000],
    "AMF3 array length": amf.encode_all("connect", 1) + b"\x11\x09\xff\xff\xff\xff\x01",
    "AMF3 depth": amf.encode_all("connect", 1) + b"\x11" + b"\x09\x03\x01" * 5000,
    "AMF3 references that double": amf.encode_all("connect", 1) + b"\x11\x09\x05\x01\x01\x01" + b"".join(
        b"\x11\x09\x05\x01" + bytes([9, 2 * n, 9, 2 * n]) for n in range(40)),
    "AMF3 object of an unknown class": amf.encode_all("connect", 1) + b"\x11\x0a\x07\x03D",
}


@pytest.mark.parametrize("name", AMF_BOMBS)
def test_bad_amf(attack, client, name):
    client.set_chunk_size(65536)
    client.send(COMMAND, AMF_BOMBS[name])
    attack.is_refused(client)


def test_a_command_that_no_one_knows_is_answered_with_an_error(besieged, client):
    client.connect()
    client.command("makeCoffee", None, "black")
    assert client.next_command("_error", "_result")[0] == "_error"


WRONG_STATES = {
    "createStream before connect": lambda client: client.command("createStream", None),
    "play before connect": lambda client: client.command("play", None, "cam", -2000, stream=1),
    "publish before connect": lambda client: client.command("publish", None, "cam", "live", stream=1),
    "connect twice": lambda client: client.connect().command("connect", {"app": "live"}),
    "play on no stream": lambda client: client.connect().command("play", None, "cam", -2000, stream=99),
    "publish on no stream": lambda client: client.connect().command("publish", None, "new", "live", stream=99),
    "publish twice on one stream": lambda client: (client.connect(), client.publish("twice-a"),
                                                   client.command("publish", None, "twice-b", "live", stream=client.stream)),
    "publish while playing": lambda client: (client.connect(), client.play("cam"),
                                             client.command("publish", None, "new", "live", stream=client.stream)),
}


@pytest.mark.parametrize("name", WRONG_STATES)
def test_a_command_in_the_wrong_state_gets_an_error_or_the_end(besieged, client, name):
    WRONG_STATES[name](client)
    client.timeout = 5
    client.socket.settimeout(5)
    try:
        while message := client.next_message():
            if message.type == COMMAND:
                values = amf.decode_all(message.payload)
                if values[0] == "_error" or values[0] == "onStatus" and values[3]["level"] == "error":
                    break
    except ConnectionError:
        pass
    except TimeoutError:
        pytest.fail("neither an error nor the end came")
    names = {stream["name"] for stream in besieged.api("streams")["streams"]}
    assert not names & {"live/new", "live/twice-b"}


def test_media_of_one_who_did_not_publish_goes_nowhere(besieged, client):
    client.connect()
    stream = client.create_stream()
    for time_ in range(0, 1000, 40):
        client.send(9, b"\x27\x01\x00\x00\x00" + NOISE[:100], time=time_, stream=stream, csid=6)
    assert len(besieged.api("streams")["streams"]) == 1


def test_endless_metadata(besieged, nursery):
    client = nursery.closes(RtmpClient(besieged.rtmp_port).connect())
    client.set_chunk_size(65536)
    assert client.publish("metadata")["code"] == "NetStream.Publish.Start"
    memory = besieged.memory_kib()
    for number in range(count(60)):
        values = {f"key{number}-{at}": "x" * 1000 for at in range(500)}
        try:
            client.send(18, amf.encode_all("@setDataFrame", "onMetaData", values), csid=5, stream=client.stream)
        except OSError:
            break
    wait_until(lambda: besieged.memory_kib() - memory < 16 * 1024, patience(5), "memory stays as it was")
    client.close()


def test_a_cut_sequence_header_and_noise_as_frames(besieged, nursery):
    client = nursery.closes(RtmpClient(besieged.rtmp_port).connect())
    client.set_chunk_size(65536)
    assert client.publish("noise")["code"] == "NetStream.Publish.Start"
    client.send(9, b"\x17\x00\x00\x00\x00\x01\x64", csid=6, stream=client.stream)
    client.send(8, b"\xaf\x00", csid=4, stream=client.stream)
    draw = random.Random(7)
    for number in range(300):
        kind = draw.choice([8, 9])
        client.send(kind, draw.randbytes(draw.randrange(0, 200)), csid=4 + 2 * (kind == 9), time=number * 20, stream=client.stream)
    wait_until(lambda: besieged.stream("live/noise"), patience(5), "the server still takes what it cannot parse")


@pytest.mark.slow
def test_clients_that_do_not_go_on_are_closed_at_their_deadline(besieged, nursery):
    attack = Attack(besieged)
    half = bare(nursery, besieged)
    half.socket.sendall(b"\x03" + bytes(700))
    only_version = bare(nursery, besieged)
    only_version.socket.sendall(b"\x03")
    silent, no_connect = bare(nursery, besieged), nursery.closes(RtmpClient(besieged.rtmp_port))
    attack.is_refused(silent, 8)
    attack.is_refused(only_version, 13)
    attack.is_refused(half, 13)
    attack.is_refused(no_connect, 23)


def test_one_byte_at_a_time_is_a_good_handshake(besieged, nursery):
    client = bare(nursery, besieged)
    for byte in b"\x03" + bytes(8) + NOISE[:1528]:
        client.socket.sendall(bytes([byte]))
    answer = b""
    while len(answer) < HANDSHAKE_BYTES:
        answer += client.socket.recv(HANDSHAKE_BYTES - len(answer))
    client.socket.sendall(answer[1:1537])
    client.connect()


def test_a_flood_of_connections(besieged, nursery):
    before = len(besieged.sessions())
    many = []
    for number in range(count(600, least=100)):
        plug = nursery.closes(socket.socket())
        plug.settimeout(patience(5))
        try:
            plug.connect(("127.0.0.1", (besieged.rtmp_port, besieged.http_port)[number % 2]))
            plug.sendall(NOISE[:number % 50])
        except OSError:
            continue
        many.append(plug)
    assert many
    assert besieged.request("/healthz", timeout=patience(5))[0] == 200
    for plug in many:
        plug.close()
    wait_until(lambda: len(besieged.sessions()) <= before + 1, patience(10), "the sessions of the flood are gone")


def test_connections_that_are_reset_in_the_middle(besieged, nursery):
    for cut in range(0, HANDSHAKE_BYTES, 311):
        client = bare(nursery, besieged)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.sendall((b"\x03" + bytes(8) + NOISE)[:cut])
        client.close()


def test_random_mutations_of_a_good_conversation(besieged, nursery, sources):
    good = write_chunks(3, COMMAND, 0, 0, amf.encode_all("connect", 1, {"app": "live", "tcUrl": "rtmp://a/live"}), 128)
    good += write_chunks(3, COMMAND, 0, 0, amf.encode_all("createStream", 2, None), 128)
    good += write_chunks(8, COMMAND, 0, 1, amf.encode_all("publish", 3, None, "mutant", "live"), 128)
    for tag in flv.read_tags(sources["gop1.flv"])[:40]:
        good += write_chunks({8: 4, 9: 6, 18: 5}[tag.type], tag.type, tag.time, 1, tag.body, 128)
    draw = random.Random(int(os.environ.get("MILLRACE_E2E_SEED", "11")))
    for _ in range(count(150, least=30)):
        mutant = bytearray(good)
        for _ in range(draw.randrange(1, 8)):
            mutant[draw.randrange(len(mutant))] = draw.randrange(256)
        client = RtmpClient(besieged.rtmp_port)
        send_quietly(client, bytes(mutant))
        client.close()
    assert besieged.request("/healthz")[0] == 200
