// Small pieces that several pages show.

import { useState } from 'preact/hooks';
import { kUnknown, properName, trackDetail, words } from '../format';
import type { Track } from '../model';

const kTone: Readonly<Record<string, string>> = {
  live: 'good',
  playing: 'good',
  running: 'good',
  publishing: 'good',
  waiting: 'warn',
  connecting: 'warn',
  grace: 'warn',
  audio_only: 'warn',
  buffering: 'warn',
  failed: 'bad',
};

/** A state as a coloured word; the colour says nothing that the word does not. */
export function Badge({ state }: { state: string }) {
  return <span class={`badge badge-${kTone[state] ?? 'plain'}`}>{state === '' ? 'unknown' : words(state)}</span>;
}

export function Warnings({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) {
    return null;
  }
  return (
    <ul class="warnings">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

export function Tracks({ tracks }: { tracks: readonly Track[] }) {
  if (tracks.length === 0) {
    return <span class="quiet">{kUnknown}</span>;
  }
  return (
    <ul class="tracks">
      {tracks.map((track, index) => (
        <li key={index}>
          <span class="codec">{properName(track.codec)}</span> <span class="quiet">{trackDetail(track)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Puts text on the clipboard, also where the page is not on HTTPS and the modern way is closed. */
async function copy(text: string): Promise<boolean> {
  if (window.isSecureContext && navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused; the old way may still be open.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

/** A line to take away, with a button that copies it. A long one stands below its label. */
export function CopyLine({ label, text, long = false }: { label: string; text: string; long?: boolean }) {
  const [said, setSaid] = useState('Copy');
  const onClick = async () => {
    setSaid((await copy(text)) ? 'Copied' : 'Select it');
    setTimeout(() => setSaid('Copy'), 2000);
  };
  return (
    <div class={long ? 'copy-line long' : 'copy-line'}>
      <span class="copy-label">{label}</span>
      <code tabIndex={0}>{text}</code>
      <button type="button" class="small ghost" onClick={onClick} aria-label={`Copy: ${label}`}>
        <span aria-live="polite">{said}</span>
      </button>
    </div>
  );
}
