"""Our own clients: readers that give the same however the bytes are cut."""

import socket
import struct

import pytest

from harness import amf, flv
from harness.flv import FlvReader, Tag
from harness.http import Connection, WebSocket
from harness.rtmp import ChunkReader, write_chunks
from harness.siege import NOISE


def replay(pieces):
    """A connection that has been answered with these pieces."""
    class Socket:
        def __init__(self):
            self.left = list(pieces)
            self.sent = b""

        def recv(self, _most):
            return self.left.pop(0) if self.left else b""

        def sendall(self, data):
            self.sent += data
    connection = Connection.__new__(Connection)
    connection.socket, connection._buffer, connection._left = Socket(), b"", 0
    return connection


def cuts(data):
    return [[data[:cut], data[cut:]] for cut in range(1, len(data))] + [[bytes([byte]) for byte in data]]


def drain(source):
    whole = b""
    while data := source.read(7):
        whole += data
    return whole


def test_chunks_are_read_however_they_are_cut():
    messages = [(3, 20, 0, 0, b"a" * 300), (4, 8, 0xFFFFFE, 1, b"b" * 129), (6, 9, 0x1000000, 1, b"c" * 400), (3, 20, 5, 0, b"")]
    wire = b"".join(write_chunks(*message, 128) for message in messages)
    wire += b"\x44" + b"\x00\x00\x14" + b"\x00\x00\x02" + b"\x08" + b"dd" + b"\xc4" + b"ee"  # 20 ms on, and 20 more
    expected = [(type, time, stream, payload) for _, type, time, stream, payload in messages]
    expected += [(8, 0xFFFFFE + 20, 1, b"dd"), (8, 0xFFFFFE + 40, 1, b"ee")]
    for pieces in cuts(wire):
        reader = ChunkReader()
        got = [message for piece in pieces for message in reader.feed(piece)]
        assert [(m.type, m.time, m.stream, m.payload) for m in got] == expected


def test_flv_is_read_however_it_is_cut():
    tags = [Tag(flv.DATA, 0, b"meta"), Tag(flv.VIDEO, 0x01020304, b"\x17\x01\x00\x00\x00x" * 20), Tag(flv.AUDIO, 40, b"\xaf\x01y")]
    wire = flv.header() + b"".join(map(flv.write_tag, tags))
    for pieces in cuts(wire):
        reader = FlvReader()
        assert [tag for piece in pieces for tag in reader.feed(piece)] == tags
        assert reader.whole == len(wire)


def test_a_composition_offset_may_be_negative():
    packet = Tag(flv.VIDEO, 100, b"\x27\x01\xff\xff\xd8x").packet()
    assert (packet.dts, packet.pts, packet.key) == (100, 60, False)


@pytest.mark.parametrize("body", [b"\x17\x00\x00\x00\x00conf", b"\x17\x02\x00\x00\x00", b""])
def test_headers_and_ends_of_sequence_are_no_frames(body):
    assert Tag(flv.VIDEO, 0, body).packet() is None and not Tag(flv.VIDEO, 0, body).is_key_frame()


def test_a_chunked_body_is_read_however_it_is_cut():
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    wire += b"5\r\nhello\r\n" + b"10;x=y\r\n0123456789abcdef\r\n" + b"0\r\n\r\n"
    for pieces in cuts(wire):
        answer = replay(pieces).answer()
        assert answer.status == 200 and drain(answer) == b"hello0123456789abcdef"


def test_websocket_frames_are_read_however_they_are_cut():
    frames = b"\x82\x03abc" + b"\x89\x02hi" + b"\x02\x01d" + b"\x80\x01e" + b"\x82\x7e" + struct.pack(">H", 300) + NOISE[:300] \
        + b"\x82\x7f" + struct.pack(">Q", 200) + NOISE[:200] + b"\x88\x02\x03\xe8"
    for pieces in cuts(frames)[::7]:
        client = WebSocket.__new__(WebSocket)
        client._http = replay([b"HTTP/1.1 101 Switching Protocols\r\n\r\n", *pieces]).answer()
        client.closed_with = None
        assert drain(client) == b"abcde" + NOISE[:300] + NOISE[:200]
        assert client.closed_with == 1000
        assert client._http.socket.sent[:2] == b"\x8a\x82", "the ping was not answered with a masked pong"


def test_amf_comes_back_as_it_went():
    values = ["name", 1.5, None, True, {"a": "b", "c": {"d": 2.0}}]
    assert amf.decode_all(amf.encode_all(*values)) == values


def test_the_end_of_a_socket_is_the_end_of_the_body():
    ours, theirs = socket.socketpair()
    theirs.sendall(b"HTTP/1.0 200 OK\r\nX-Y: z\r\n\r\nbody")
    theirs.close()
    connection = replay([])
    connection.socket = ours
    answer = connection.answer()
    assert answer.headers["x-y"] == "z" and drain(answer) == b"body"
    ours.close()
