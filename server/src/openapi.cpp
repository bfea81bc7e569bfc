#include "api.hpp"

namespace millrace::server {
namespace {

// OpenAPI 3.0.3; kept beside the code that writes the answers, and checked against them by a test.
constexpr std::string_view kOpenApi = R"json({
  "openapi": "3.0.3",
  "info": {"title": "Millrace", "version": "1",
    "description": "Bit rates are bits per second, times are RFC 3339 in UTC, durations are seconds."},
  "paths": {
    "/api/v1/streams": {"get": {"summary": "All streams", "responses": {"200": {"description": "The streams",
      "content": {"application/json": {"schema": {"type": "object", "required": ["streams"], "properties": {
        "streams": {"type": "array", "items": {"$ref": "#/components/schemas/Stream"}},
        "ports": {"type": "object", "additionalProperties": {"type": "integer"}}}}}}}}}},
    "/api/v1/recordings": {"get": {"summary": "Recordings: those of this run, then the files of before",
      "responses": {"200": {"description": "The recordings",
      "content": {"application/json": {"schema": {"type": "object", "required": ["recordings"], "properties": {
        "recordings": {"type": "array", "items": {"$ref": "#/components/schemas/Recording"}}}}}}}}}},
    "/api/v1/sessions": {"get": {"summary": "All connections", "responses": {"200": {"description": "The sessions",
      "content": {"application/json": {"schema": {"type": "object", "required": ["sessions"], "properties": {
        "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}}}}}}}}}},
    "/api/v1/sessions/{id}": {"delete": {"summary": "Disconnects a session",
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
      "responses": {"200": {"description": "Disconnected"}, "404": {"description": "There is no such session"}}}},
    "/api/v1/relays": {
      "get": {"summary": "Streams from and to other servers, and the rules that they come from",
        "responses": {"200": {"description": "The relays", "content": {"application/json": {"schema": {"type": "object",
        "required": ["relays", "rules"], "properties": {
        "relays": {"type": "array", "items": {"$ref": "#/components/schemas/Relay"}},
        "rules": {"type": "array", "items": {"$ref": "#/components/schemas/RelayRule"}}}}}}}}},
      "post": {"summary": "Adds a rule until the server ends",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["direction", "name", "url"],
        "properties": {"direction": {"type": "string", "enum": ["pull", "push"]},
        "name": {"type": "string", "description": "APP/NAME, or a pattern with a star"},
        "url": {"type": "string", "description": "With {stream}, {app}, {name} or a star for parts of the name"},
        "start": {"type": "string", "enum": ["always", "demand"]}, "linger": {"type": "number"},
        "backup": {"type": "boolean"}}}}}},
        "responses": {"201": {"description": "{\"id\": its id}"}, "400": {"description": "What is wrong with it"}}}},
    "/api/v1/relays/{id}": {"delete": {"summary": "Ends what a rule has begun, and forgets it",
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
      "responses": {"200": {"description": "Removed"}, "404": {"description": "There is no such relay"}}}},
    "/api/v1/shared_objects": {"get": {"summary": "Shared objects in use", "responses": {"200": {
      "description": "The objects", "content": {"application/json": {"schema": {"type": "object",
        "required": ["shared_objects"], "properties": {
        "shared_objects": {"type": "array", "items": {"$ref": "#/components/schemas/SharedObject"}}}}}}}}}},
    "/api/v1/openapi.json": {"get": {"summary": "This text", "responses": {"200": {"description": "OpenAPI"}}}},
    "/metrics": {"get": {"summary": "Prometheus metrics", "responses": {"200": {"description": "Text format 0.0.4"}}}},
    "/healthz": {"get": {"summary": "200 while the server runs", "responses": {"200": {"description": "ok"}}}}
  },
  "components": {"schemas": {
    "Track": {"type": "object", "required": ["kind", "id", "codec", "bitrate"], "properties": {
      "kind": {"type": "string", "enum": ["video", "audio"]}, "codec": {"type": "string"},
      "id": {"type": "integer", "description": "The number among its kind; 0 is the default track"},
      "colour": {"type": "object", "description": "As the source tells it", "properties": {
        "dynamic_range": {"type": "string", "description": "hdr10, hlg, sdr, or empty when not known"},
        "bit_depth": {"type": "number"}, "primaries": {"type": "number"}, "transfer": {"type": "number"},
        "matrix": {"type": "number"}, "max_cll": {"type": "number"}, "max_fall": {"type": "number"},
        "max_luminance": {"type": "number"}, "min_luminance": {"type": "number"}}},
      "channel_layout": {"type": "string", "description": "Such as stereo, 5.1, or FL+FR+LFE"},
      "codec_string": {"type": "string", "description": "RFC 6381"},
      "width": {"type": "integer"}, "height": {"type": "integer"}, "fps": {"type": "number"},
      "sample_rate": {"type": "integer"}, "channels": {"type": "integer"}, "bitrate": {"type": "integer"},
      "gaps": {"type": "integer"}, "jitter_seconds": {"type": "number"}}},
    "Stream": {"type": "object", "required": ["name", "state", "publisher", "tracks", "viewers", "bytes_in", "bytes_out",
      "gop_seconds"], "properties": {
      "name": {"type": "string"}, "state": {"type": "string", "enum": ["live", "waiting"]},
      "since": {"type": "string", "format": "date-time"},
      "publisher": {"type": "object", "nullable": true, "properties": {"id": {"type": "string"},
        "protocol": {"type": "string"}, "remote": {"type": "string"}, "since": {"type": "string", "format": "date-time"},
        "backup": {"type": "boolean", "description": "It was sent to be held in reserve"}}},
      "backup": {"type": "object", "nullable": true, "description": "As publisher: who is held in reserve"},
      "takeovers": {"type": "integer", "description": "Times that the one in reserve went on air"},
      "bytes_in_reserve": {"type": "integer", "description": "Payload of its newest GOP"},
      "tracks": {"type": "array", "items": {"$ref": "#/components/schemas/Track"}},
      "viewers": {"type": "integer"}, "bytes_in": {"type": "integer"}, "bytes_out": {"type": "integer"},
      "bytes_held": {"type": "integer", "description": "Payload kept for viewers who come"},
      "gop_seconds": {"type": "number"}, "av_skew_seconds": {"type": "number"},
      "epoch": {"type": "integer", "description": "Grows at each discontinuity of the timeline"},
      "jumps": {"type": "integer", "description": "Of the source's timestamps"},
      "wraps_24_bit": {"type": "integer", "description": "Of the source's timestamps at 2^24 ms"},
      "steps_back": {"type": "integer", "description": "Timestamps that were raised to the one before"},
      "hls": {"type": "array", "description": "How it is cut, by container", "items":
        {"$ref": "#/components/schemas/Cutting"}},
      "warnings": {"type": "array", "items": {"type": "string"}},
      "recording": {"$ref": "#/components/schemas/Recording"}}},
    "Cutting": {"type": "object", "required": ["container", "window_seconds", "bytes_held", "renditions"],
      "properties": {
      "container": {"type": "string", "enum": ["fmp4", "ts"]}, "window_seconds": {"type": "number"},
      "linger_seconds": {"type": "number", "description": "How long segments are held beyond the window"},
      "target_seconds": {"type": "number", "description": "0: nothing to play yet"},
      "part_seconds": {"type": "number", "description": "0: no parts"},
      "bytes_held": {"type": "integer"}, "next_segment": {"type": "integer"},
      "discontinuities": {"type": "integer"}, "forced_cuts": {"type": "integer"},
      "renditions": {"type": "integer"}, "waiting": {"type": "integer", "description": "Requests that wait"},
      "viewers": {"type": "integer"}, "tracks_left_out": {"type": "array", "items":
        {"$ref": "#/components/schemas/SharedTrack"}}}},
    "SharedTrack": {"type": "object", "required": ["kind", "id", "codec"], "properties": {
      "kind": {"type": "string", "enum": ["video", "audio"]}, "id": {"type": "integer"}, "codec": {"type": "string"},
      "reason": {"type": "string", "description": "Why it is left out"}}},
    "Relay": {"type": "object", "required": ["id", "direction", "name", "url", "state", "since", "attempts", "last_error",
      "next_try", "bytes", "bitrate", "dropped"], "properties": {
      "id": {"type": "string"}, "direction": {"type": "string", "enum": ["pull", "push"]},
      "name": {"type": "string"}, "url": {"type": "string", "description": "Without user, password and query"},
      "start": {"type": "string", "enum": ["always", "demand"], "description": "Of a pull"},
      "state": {"type": "string", "enum": ["connecting", "running", "waiting", "stopped"]},
      "since": {"type": "string", "format": "date-time"}, "attempts": {"type": "integer"},
      "last_error": {"type": "string"}, "next_try": {"type": "string", "format": "date-time", "nullable": true},
      "bytes": {"type": "integer"}, "bitrate": {"type": "integer"},
      "dropped": {"type": "integer", "description": "Video frames that a target was too slow for"}}},
    "RelayRule": {"type": "object", "required": ["id", "direction", "name", "url"], "properties": {
      "id": {"type": "string"}, "direction": {"type": "string"}, "name": {"type": "string"}, "url": {"type": "string"},
      "start": {"type": "string"}}},
    "SharedObject": {"type": "object", "required": ["name", "app", "persistent", "version", "slots", "clients"],
      "properties": {
      "name": {"type": "string"}, "app": {"type": "string", "description": "Whose clients see it"},
      "persistent": {"type": "boolean"},
      "version": {"type": "integer", "description": "Grows by one at each change"},
      "slots": {"type": "integer"}, "bytes": {"type": "integer"},
      "clients": {"type": "integer", "description": "That take part in it now"}}},
    "Recording": {"type": "object", "nullable": true, "required": ["name", "state", "bytes", "seconds"], "properties": {
      "name": {"type": "string", "description": "The file, as it is played"},
      "state": {"type": "string", "enum": ["beginning", "recording", "finished", "failed", "stored"]},
      "bytes": {"type": "integer"}, "seconds": {"type": "number", "nullable": true},
      "since": {"type": "string", "format": "date-time"}, "reason": {"type": "string"}}},
    "Session": {"type": "object", "required": ["id", "protocol", "role", "stream", "remote", "since", "state"],
      "properties": {
      "id": {"type": "string"}, "protocol": {"type": "string"},
      "role": {"type": "string", "enum": ["idle", "publisher", "viewer"]},
      "stream": {"type": "string"}, "remote": {"type": "string"}, "since": {"type": "string", "format": "date-time"},
      "state": {"type": "string"}, "bytes_in": {"type": "integer"}, "bytes_out": {"type": "integer"},
      "network": {"type": "object", "description": "Of RTSP: what is known of the network between",
        "additionalProperties": {"type": "number"}},
      "lag_seconds": {"type": "number"}, "falls": {"type": "integer"}, "skips": {"type": "integer"},
      "skipped_seconds": {"type": "number"}, "first_frame_seconds": {"type": "number"},
      "stalls": {"type": "integer", "description": "Times that a viewer of segments ran dry"},
      "stalled_seconds": {"type": "number", "description": "How long, estimated by its requests"},
      "buffer_seconds": {"type": "number", "description": "What a viewer of segments says it holds (CMCD)"},
      "reason": {"type": "string"},
      "tracks": {"type": "array", "description": "Those that a viewer gets", "items":
        {"$ref": "#/components/schemas/SharedTrack"}},
      "tracks_left_out": {"type": "array", "description": "Those that it does not, and why", "items":
        {"$ref": "#/components/schemas/SharedTrack"}},
      "tolerated": {"type": "object", "additionalProperties": {"type": "integer"}}}}
  }}
}
)json";

} // namespace

std::string_view openapi_json()
{
    return kOpenApi;
}

} // namespace millrace::server
