"""As much of AMF0 as a test client needs (AMF 0 specification)."""

import struct


def encode(value):
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return bytes([1, value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\x02" + _text(value)
    if isinstance(value, dict):
        return b"\x03" + b"".join(_text(key) + encode(part) for key, part in value.items()) + b"\x00\x00\x09"
    raise TypeError(value)


def encode_all(*values):
    return b"".join(map(encode, values))


def decode_all(data):
    values, at = [], 0
    while at < len(data):
        value, at = _decode(data, at)
        values.append(value)
    return values


def _text(text):
    return struct.pack(">H", len(text.encode())) + text.encode()


def _read_text(data, at):
    end = at + 2 + struct.unpack_from(">H", data, at)[0]
    return data[at + 2:end].decode(), end


def _decode(data, at):
    marker, at = data[at], at + 1
    if marker == 0:
        return struct.unpack_from(">d", data, at)[0], at + 8
    if marker == 1:
        return bool(data[at]), at + 1
    if marker == 2:
        return _read_text(data, at)
    if marker in (5, 6):
        return None, at
    if marker in (3, 8):
        return _decode_object(data, at + 4 * (marker == 8))
    raise ValueError(f"AMF0 marker {marker}")


def _decode_object(data, at):
    result = {}
    while True:
        key, at = _read_text(data, at)
        if not key and data[at] == 9:
            return result, at + 1
        result[key], at = _decode(data, at)
