// Plays one live stream in a video element. Keeps close to live, and goes on by itself when a stream or the network
// comes back.

import { openEngine, type Engine } from './engines';
import type { Plan } from './playable';
import {
  kBlocked,
  kSilence,
  lagOf,
  troubleOf,
  watch,
  type Glimpse,
  type Motion,
  type Phase,
  type PlayerView,
  type Trouble,
} from './player_state';
import type { Via } from './route';

export interface Player {
  close(): void;
  /** Plays after the browser wanted a click for it. */
  play(): void;
  /** Leaves out what is buffered and shows the newest picture. */
  goLive(): void;
}

const kRetryMs = 2000;
const kLookMs = 500;

class LivePlayer implements Player {
  private view: PlayerView = { phase: 'loading', message: '', notice: '', lag: null, dropped: 0 };
  private engine: Engine | null = null;
  private motion: Motion = { time: 0, movedAt: 0 };
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly looking: ReturnType<typeof setInterval>;
  private closed = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly via: Via,
    private readonly plan: Plan,
    private readonly tell: (view: PlayerView) => void,
  ) {
    video.addEventListener('error', this.onElementError);
    this.looking = setInterval(() => this.look(), kLookMs);
    if (plan.kind === 'refuse') {
      this.show({ phase: 'failed', message: plan.why });
      return;
    }
    this.show({ notice: plan.notice });
    void this.start(plan);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.looking);
    clearTimeout(this.retry);
    this.video.removeEventListener('error', this.onElementError);
    this.drop();
  }

  play(): void {
    this.motion = { time: this.video.currentTime, movedAt: Date.now() };
    this.video.play().then(
      () => this.show({ phase: 'buffering', message: '' }),
      (error: unknown) => {
        // A play() that our own reload cut short is no refusal.
        if (error instanceof DOMException && error.name === 'NotAllowedError') {
          this.show({ phase: 'blocked', message: kBlocked });
        }
      },
    );
  }

  goLive(): void {
    const end = this.glimpse().end;
    if (end !== null && this.engine !== null) {
      this.engine.goLive(this.video, end);
    }
  }

  private show(change: Partial<PlayerView>): void {
    if (!this.closed) {
      this.view = { ...this.view, ...change };
      this.tell(this.view);
    }
  }

  private async start(plan: Plan & { kind: 'play' }): Promise<void> {
    let engine: Engine | null;
    try {
      engine = await openEngine(this.video, this.url, this.via, plan, (trouble) => this.onTrouble(trouble));
    } catch {
      this.onTrouble({ message: 'The player itself could not be fetched from the server. Load the page again.', again: true });
      return;
    }
    if (this.closed || engine === null) {
      engine?.destroy();
      return;
    }
    this.engine = engine;
    this.play();
  }

  private readonly onElementError = (): void => {
    const error = this.video.error;
    if (this.engine !== null && error !== null) {
      this.onTrouble(troubleOf('MediaError', 'MediaMSEError', { code: 0, msg: error.message }));
    }
  };

  private onTrouble(trouble: Trouble): void {
    if (this.closed || this.retry !== undefined) {
      return;
    }
    this.show({ phase: trouble.again ? 'waiting' : 'failed', message: trouble.message, lag: null });
    // Not from within the engine's own callback, which goes on after it.
    this.retry = setTimeout(
      () => {
        this.retry = undefined;
        this.drop();
        if (trouble.again && this.plan.kind === 'play') {
          void this.start(this.plan);
        }
      },
      trouble.again ? kRetryMs : 0,
    );
  }

  private drop(): void {
    const engine = this.engine;
    this.engine = null;
    engine?.destroy();
  }

  private glimpse(): Glimpse {
    const { buffered, currentTime } = this.video;
    return { time: currentTime, end: buffered.length > 0 ? buffered.end(buffered.length - 1) : null, at: Date.now() };
  }

  private look(): void {
    const { phase } = this.view;
    if (this.engine === null || this.retry !== undefined || phase === 'blocked' || phase === 'failed') {
      return;
    }
    const look = this.glimpse();
    const { motion, pace } = watch(this.motion, look);
    this.motion = motion;
    const next: Phase = look.end === null ? phase : pace === 'moving' ? 'playing' : 'buffering';
    this.show({
      // After a failure the words about it stay until the picture moves again.
      phase: phase === 'waiting' && next !== 'playing' ? 'waiting' : next,
      message: next === 'playing' ? '' : pace === 'silent' && look.end !== null ? kSilence : this.view.message,
      lag: this.engine.lag() ?? lagOf(look),
      dropped: this.video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0,
    });
  }
}

/** Plays `url` in `video` until closed; each change of what there is to show goes to `tell`. */
export function openPlayer(video: HTMLVideoElement, url: string, via: Via, plan: Plan, tell: (view: PlayerView) => void): Player {
  return new LivePlayer(video, url, via, plan, tell);
}
