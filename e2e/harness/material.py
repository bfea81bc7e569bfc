"""Source files, made by ffmpeg once and kept under build/: small pictures with a counter, and a beep in some noise.

Each packet has a hash of its own (the noise sees to it for the sound), so that a place in the source is never in doubt.
"""

import hashlib
import os
import subprocess
from pathlib import Path

FPS = 25
SECONDS = 20
CACHE = Path(__file__).resolve().parents[2] / "build" / "e2e-material"

PICTURE = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={FPS}:duration={SECONDS},noise=alls=6:allf=t"]
SOUND = ["-f", "lavfi", "-i", f"aevalsrc='0.4*sin(2*PI*880*t)*lt(mod(t,1),0.1)+0.02*(random(0)-0.5)':s=44100:d={SECONDS}"]
AAC = ["-c:a", "aac", "-b:a", "64k", "-ac", "2"]


def _h264(gop, rate="300k"):
    return ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", "-b:v", rate, "-maxrate", rate,
            "-bufsize", rate, "-bf", "2", "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0"]


RECIPES = {
    "gop1.flv": [*PICTURE, *SOUND, *_h264(FPS), *AAC],
    "gop10.flv": [*PICTURE, *SOUND, *_h264(10 * FPS), *AAC],
    "mp3.flv": [*PICTURE, *SOUND, *_h264(FPS), "-c:a", "libmp3lame", "-b:a", "64k", "-ac", "2"],
    "audio.flv": [*SOUND, *AAC],
    "video.flv": [*PICTURE, *_h264(FPS)],
    "heavy.flv": ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate={FPS}:duration=8,noise=alls=40:allf=t",
                  *_h264(FPS, "4M"), "-x264-params", "nal-hrd=cbr:bframes=0"],
    "short.flv": ["@gop1.flv", "-c", "copy", "-t", "6"],
    "gop1.mp4": ["@gop1.flv", "-c", "copy"],
    "gop1.ts": ["@gop1.flv", "-c", "copy"],
}


def make(name):
    """The path of a source file; made when it is not there yet, or when its recipe has changed."""
    recipe = [str(make(part[1:])) if part.startswith("@") else part for part in RECIPES[name]]
    inputs = ["-i"] if RECIPES[name][0].startswith("@") else []
    key = hashlib.sha256(repr(RECIPES[name]).encode()).hexdigest()[:8]
    path = CACHE / f"{key}-{name}"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = CACHE / f"{os.getpid()}-{name}"
        subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *recipe, "-fflags", "+bitexact", str(fresh)],
                       check=True, stdin=subprocess.DEVNULL, timeout=180)
        fresh.rename(path)
    return path
