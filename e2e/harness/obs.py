"""OBS Studio under Xvfb with software OpenGL, showing a source file in a loop. It encodes on its own: what it has sent
is known from a wire tap."""

import json
import os

GLOBAL = """[General]
FirstRun=true
LastVersion=486539266
Pre23Defaults=false
[Basic]
Profile=e2e
ProfileDir=e2e
SceneCollection=e2e
SceneCollectionFile=e2e
ConfigOnNewProfile=false
[BasicWindow]
SysTrayEnabled=false
SysTrayWhenStarted=false
WarnBeforeStartingStream=false
"""

PROFILE = """[General]
Name=e2e
[Video]
BaseCX=320
BaseCY=180
OutputCX=320
OutputCY=180
FPSType=1
FPSInt=25
[Audio]
SampleRate=44100
ChannelSetup=Stereo
[Output]
Mode=Simple
[SimpleOutput]
StreamEncoder=x264
Preset=ultrafast
VBitrate=300
ABitrate=64
UseAdvanced=true
x264Settings=keyint=25 bframes=2
"""


def _scene(media):
    item = {"name": "media", "id": 1, "visible": True, "scale": {"x": 1.0, "y": 1.0}, "pos": {"x": 0.0, "y": 0.0}}
    return {
        "name": "e2e", "current_scene": "Scene", "current_program_scene": "Scene", "scene_order": [{"name": "Scene"}],
        "sources": [
            {"id": "ffmpeg_source", "name": "media", "mixers": 1,
             "settings": {"local_file": str(media), "looping": True, "is_local_file": True}},
            {"id": "scene", "name": "Scene", "settings": {"id_counter": 1, "items": [item]}},
        ],
    }


def _configure(home, media, url):
    server, key = url.rsplit("/", 1)
    basic = home / "obs-studio" / "basic"
    (basic / "profiles" / "e2e").mkdir(parents=True)
    (basic / "scenes").mkdir()
    (home / "obs-studio" / "global.ini").write_text(GLOBAL)
    (basic / "profiles" / "e2e" / "basic.ini").write_text(PROFILE)
    (basic / "profiles" / "e2e" / "service.json").write_text(json.dumps(
        {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False, "bwtest": False}}))
    (basic / "scenes" / "e2e.json").write_text(json.dumps(_scene(media)))


def publish(nursery, media, url):
    """Starts Xvfb and OBS; gives OBS once it streams."""
    home = nursery.path("obs")
    home.mkdir(mode=0o700)
    _configure(home, media, url)
    display = nursery.spawn(["Xvfb", "-displayfd", "2", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
    number = display.wait_for(r"^(\d+)\n", 20).group(1)
    env = {**os.environ, "DISPLAY": f":{number}", "XDG_CONFIG_HOME": str(home), "HOME": str(home), "XDG_RUNTIME_DIR": str(home),
           "LIBGL_ALWAYS_SOFTWARE": "1", "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
    child = nursery.spawn(["obs", "--startstreaming", "--multi", "--profile", "e2e", "--collection", "e2e",
                           "--scene", "Scene"], env=env)
    child.wait_for(r"Streaming Start", 60)
    return child
