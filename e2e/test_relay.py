"""Streams between servers: pulled always and on demand, pushed to several targets, loops refused."""

import json
import signal
import time
import urllib.request

import pytest

from harness import clients, frames, viewers
from harness.http import Connection
from harness.ports import free_port
from harness.process import wait_until
from harness.rtmp import RtmpClient
from harness.scale import patience

QUICK = "[relay]\nfirst_pause = 0.2\nlongest_pause = 1.0\n"


def pull(name, source, **more):
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    return f'[[pull]]\nname = "{name}"\nsource = "{source}"\n{keys}'


def push(name, target):
    return f'[[push]]\nname = "{name}"\ntarget = "{target}"\n'


def relays(server):
    return server.api("relays")["relays"]


def state(server, place=0):
    found = relays(server)
    return found[place]["state"] if len(found) > place else None


def origin_with_stream(start_millrace, nursery, sources):
    origin = start_millrace()
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], origin.rtmp())
    origin.wait_live()
    return origin


@pytest.mark.parametrize("scheme", ["rtmp", "http", "ws"])
def test_a_pull_on_demand_starts_within_a_gop_and_stops_after_its_linger(start_millrace, nursery, sources, scheme):
    origin = origin_with_stream(start_millrace, nursery, sources)
    source = {"rtmp": origin.rtmp("live/*"), "http": origin.http("/live/*.flv"),
              "ws": origin.http("/live/*.flv").replace("http", "ws")}[scheme]
    edge = start_millrace(config=pull("edge/*", source, start="demand", linger=2.0))
    assert relays(edge) == [] and origin.stream()["viewers"] == 0
    began = time.monotonic()
    viewer = {"rtmp": lambda: viewers.rtmp_viewer(nursery, edge.rtmp_port, app="edge"),
              "http": lambda: viewers.http_viewer(nursery, edge.http_port, "/edge/cam.flv"),
              "ws": lambda: viewers.websocket_viewer(nursery, edge.http_port, "/edge/cam.flv")}[scheme]()
    viewer.recording.wait(lambda tags: any(tag.is_key_frame() for tag in tags), patience(1), "a picture within a GOP")
    print(f"{scheme}: {time.monotonic() - began:.3f} s to the first key frame")
    assert state(edge) == "running"
    others = [clients.rtmpdump(nursery, edge.rtmp("edge/cam")), clients.ffmpeg_play(nursery, edge.http("/edge/cam.flv"))]
    for watching in (viewer, *others):
        watching.recording.wait_for_media(3)
        frames.check_same(sources.packets("gop1.flv"), watching.recording.packets())
    assert origin.stream()["viewers"] == 1, "one connection for all viewers"
    viewer.close()
    for other in others:
        other.kill()
    wait_until(lambda: origin.stream()["viewers"] == 0, patience(6), "the pull has stopped")
    wait_until(lambda: edge.stream("edge/cam") is None, patience(2), "its stream is over")
    again = viewers.http_viewer(nursery, edge.http_port, "/edge/cam.flv")
    again.recording.wait_for_media(1)


def test_viewers_of_a_pull_on_demand_are_told_at_once_when_its_source_fails(start_millrace, nursery):
    origin = start_millrace()
    edge = start_millrace(config=QUICK + pull("edge/*", origin.rtmp("live/*"), start="demand") +
                          pull("gone/cam", f"rtmp://user:secret@127.0.0.1:{free_port()}/live/cam", start="demand"))
    answer = nursery.closes(Connection(edge.http_port, "/edge/cam.flv")).answer()
    assert answer.status == 502
    client = nursery.closes(RtmpClient(edge.rtmp_port).connect("gone"))
    client.stream = client.create_stream()
    client.command("play", None, "cam", -2000, stream=client.stream)
    status = client.next_command("onStatus")[3]
    assert (status["level"], status["code"]) == ("error", "NetStream.Play.Failed")
    assert "127.0.0.1" in status["description"] and "secret" not in status["description"]
    _, _, body = edge.request("/edge/cam.flv")
    assert b"nobody publishes" in body, body
    assert "secret" not in edge.child.text and "secret" not in json.dumps(edge.api("relays"))
    wait_until(lambda: all(relay["state"] == "stopped" for relay in relays(edge)), patience(5), "nobody waits, so nothing is tried")


def test_a_pull_comes_back_when_its_source_was_lost_and_viewers_stay(start_millrace, nursery, sources):
    port = free_port()
    edge = start_millrace(config=QUICK + pull("live/cam", f"rtmp://127.0.0.1:{port}/live/cam"))
    wait_until(lambda: state(edge) == "waiting", patience(5), "it waits for its source")
    entry = relays(edge)[0]
    assert entry["attempts"] >= 1 and "refused" in entry["last_error"] and entry["next_try"]
    first = start_millrace(rtmp_port=port)
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], first.rtmp())
    edge.wait_live()
    viewer = viewers.rtmp_viewer(nursery, edge.rtmp_port)
    viewer.recording.wait_for_media(2)
    first.stop()
    publisher.kill()
    # A server that goes asks to be called again: that is tried for a while before the source counts as lost.
    wait_until(lambda: edge.stream()["state"] == "waiting", patience(25), "the loss is seen")
    second = start_millrace(rtmp_port=port)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], second.rtmp())
    wait_until(lambda: state(edge) == "running", patience(10), "it comes back")
    viewer.recording.wait_for_media(2, beyond=len(viewer.recording.tags))
    assert not viewer.recording.ended
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets(), runs=2)


def test_a_push_reaches_two_targets_also_when_one_is_down_for_a_while(start_millrace, nursery, sources):
    port = free_port()
    up, down = start_millrace(), start_millrace(rtmp_port=port)
    hub = start_millrace(config=QUICK + push("live/*", up.rtmp("in/{name}")) + push("live/*", f"rtmp://127.0.0.1:{port}/{{stream}}"))
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], hub.rtmp())
    up.wait_live("in/cam")
    down.wait_live("live/cam")
    assert [relay["state"] for relay in relays(hub)] == ["running"] * 2
    steady = viewers.http_viewer(nursery, up.http_port, "/in/cam.flv")
    steady.recording.wait_for_media(1)
    down.stop()
    wait_until(lambda: "waiting" in [relay["state"] for relay in relays(hub)], patience(5), "one is lost")
    time.sleep(10)
    back = start_millrace(rtmp_port=port)
    back.wait_live("live/cam")
    late = viewers.http_viewer(nursery, back.http_port)
    for viewer in (steady, late):
        viewer.recording.wait_for_media(3, beyond=len(viewer.recording.tags))
        frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())
    times = [[tag.time for tag in viewer.recording.tags if tag.is_frame()][-1] for viewer in (steady, late)]
    assert abs(times[0] - times[1]) < 3000, f"the times went on: {times}"
    metrics = hub.metrics()
    assert sum(value for key, value in metrics.items() if key.startswith("millrace_relay_running")) == 2
    assert metrics['millrace_relay_failures_total{reason="push"}'] >= 1


def test_pushes_end_with_their_stream(start_millrace, nursery, sources):
    target = start_millrace()
    hub = start_millrace(config="[streams]\ngrace = 1.0\n" + push("live/cam", target.rtmp("in/cam")))
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], hub.rtmp())
    target.wait_live("in/cam")
    publisher.interrupt(10)
    wait_until(lambda: relays(hub) == [], patience(5), "the push has ended")
    wait_until(lambda: (target.stream("in/cam") or {"state": "waiting"})["state"] == "waiting", patience(5), "it said goodbye")


def test_a_pull_from_itself_is_refused_as_a_loop(start_millrace, nursery):
    port = free_port()
    server = start_millrace(rtmp_port=port, config=pull("live/*", f"rtmp://127.0.0.1:{port}/live/*", start="demand"))
    answer = nursery.closes(Connection(server.http_port, "/live/cam.flv")).answer()
    assert answer.status == 502
    assert "a relay loop" in server.child.text


@pytest.mark.parametrize("scheme", ["rtmp", "http"])
def test_two_that_pull_from_each_other_are_refused_as_a_loop(start_millrace, nursery, scheme):
    ports = [(free_port(), free_port()) for _ in range(2)]
    def source(rtmp, http):
        return f"rtmp://127.0.0.1:{rtmp}/live/*" if scheme == "rtmp" else f"http://127.0.0.1:{http}/live/*.flv"
    servers = [start_millrace(rtmp_port=mine[0], http_port=mine[1], config=pull("live/*", source(*other), start="demand"))
               for mine, other in (ports, reversed(ports))]
    status, _, body = servers[0].request("/live/cam.flv")
    assert status == 502, body
    wait_until(lambda: "a relay loop" in servers[0].child.text + servers[1].child.text or "508" in servers[1].child.text, 2,
               "the loop is named")


def test_two_that_always_pull_from_each_other_do_not_go_in_circles(start_millrace, nursery, sources):
    ports = [free_port(), free_port()]
    servers = [start_millrace(rtmp_port=mine, config=QUICK + pull("live/cam", f"rtmp://127.0.0.1:{other}/live/cam"))
               for mine, other in (ports, reversed(ports))]
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], servers[0].rtmp())
    servers[1].wait_live()
    viewer = viewers.http_viewer(nursery, servers[1].http_port)
    viewer.recording.wait_for_media(2)
    publisher.signal(signal.SIGKILL)  # now its server would take the stream back from the other one
    wait_until(lambda: "a relay loop" in relays(servers[0])[0]["last_error"], patience(10), "the loop is named")
    wait_until(lambda: servers[0].stream()["state"] == "waiting", patience(10), "nobody publishes there")
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())


def test_a_push_that_comes_back_is_refused_as_a_loop(start_millrace, nursery, sources):
    ports = [free_port(), free_port()]
    servers = [start_millrace(rtmp_port=mine, config=QUICK + push("live/*", f"rtmp://127.0.0.1:{other}/live/{{name}}-again"))
               for mine, other in (ports, reversed(ports))]
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], servers[0].rtmp())
    servers[1].wait_live("live/cam-again")
    def refused():
        return [relay for relay in relays(servers[1]) if "relay loop" in relay["last_error"]]
    wait_until(refused, patience(10), "the loop is named")
    assert servers[0].stream("live/cam-again-again") is None


def test_relays_are_added_and_removed_over_the_api(start_millrace, nursery, sources):
    origin = origin_with_stream(start_millrace, nursery, sources)
    edge = start_millrace(config=QUICK)
    def post(body):
        request = urllib.request.Request(edge.http("/api/v1/relays"), method="POST", data=json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as answer:
            return answer.code, json.loads(answer.read())
    status, answer = post({"direction": "pull", "name": "live/copy", "url": origin.rtmp()})
    assert status == 201
    edge.wait_live("live/copy")
    assert "there is a pull" in post({"direction": "pull", "name": "live/copy", "url": origin.rtmp()})[1]["error"]
    assert post({"direction": "pull", "name": "copy", "url": origin.rtmp()})[0] == 400
    assert edge.request(f"/api/v1/relays/{answer['id']}", "DELETE")[0] == 200
    wait_until(lambda: origin.stream()["viewers"] == 0 and relays(edge) == [], patience(5), "it has left")
    assert edge.request(f"/api/v1/relays/{answer['id']}", "DELETE")[0] == 404


def test_everything_ends_quickly_while_relays_are_busy(start_millrace, nursery, sources):
    origin = origin_with_stream(start_millrace, nursery, sources)
    third = start_millrace()
    edge = start_millrace(config=QUICK + pull("live/cam", origin.rtmp()) + push("live/*", third.rtmp("on/{name}")) +
                          push("live/*", f"rtmp://127.0.0.1:{free_port()}/{{stream}}"))
    edge.wait_live()
    third.wait_live("on/cam")
    edge.child.signal(signal.SIGINT)
    assert edge.child.wait(patience(5)) == 0
    wait_until(lambda: origin.stream()["viewers"] == 0, patience(5), "the pull said goodbye")
    edge.ended = True
