import { ffmpegFile, ffmpegTest, mediaUrl, obsSettings, rtmpUrl } from '../urls';
import { CopyLine } from './parts';

export const kExampleName = 'live/cam';

/** How to send a stream to this very server. */
export function PublishHelp({ rtmpPort }: { rtmpPort: number }) {
  const base = document.baseURI;
  const obs = obsSettings(base, kExampleName, rtmpPort);
  return (
    <div class="help-grid">
      <section class="card padded">
        <h2>With OBS</h2>
        <p>
          In <em>Settings → Stream</em> choose the service <em>Custom…</em> and enter these two. The key is yours to choose: it
          becomes the stream's name.
        </p>
        <CopyLine label="Server" text={obs.server} />
        <CopyLine label="Stream key" text={obs.key} />
        <p class="quiet">For a picture that is there at once, set the keyframe interval to 2&nbsp;s.</p>
      </section>
      <section class="card padded">
        <h2>With ffmpeg</h2>
        <p>Send a file in real time, or a test picture when there is no file at hand.</p>
        <CopyLine long label="A file" text={ffmpegFile(base, kExampleName, rtmpPort)} />
        <CopyLine long label="A test picture" text={ffmpegTest(base, kExampleName, rtmpPort)} />
      </section>
    </div>
  );
}

/** Where a stream can be watched, besides this page. */
export function WatchHelp({ name, rtmpPort }: { name: string; rtmpPort: number }) {
  const base = document.baseURI;
  return (
    <>
      <CopyLine label="RTMP" text={rtmpUrl(base, name, rtmpPort)} />
      <CopyLine label="HTTP-FLV" text={mediaUrl(base, name, 'flv')} />
      <CopyLine label="WebSocket-FLV" text={mediaUrl(base, name, 'ws')} />
    </>
  );
}

export function HelpPage({ rtmpPort }: { rtmpPort: number }) {
  return (
    <article class="help">
      <h1>Publish</h1>
      <PublishHelp rtmpPort={rtmpPort} />
      <h1>Watch</h1>
      <section class="card padded">
        <p>
          In this page: click a stream in the list. Elsewhere: VLC (<em>Media → Open Network Stream</em>), ffplay, mpv or any
          other player takes these addresses; put your stream's name for {kExampleName}.
        </p>
        <WatchHelp name={kExampleName} rtmpPort={rtmpPort} />
      </section>
    </article>
  );
}
