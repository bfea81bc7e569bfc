import { useEffect, useRef, useState } from 'preact/hooks';
import { deleteSession } from '../api';
import { properName } from '../format';
import type { Session } from '../model';
import { whyLost } from '../poll';

/** Asks once more, then disconnects a session. */
export function Disconnect({ session, onDone }: { session: Session; onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const go = async () => {
    try {
      await deleteSession(session.id);
      dialog.current?.close();
    } catch (error) {
      setProblem(whyLost(error));
    }
  };

  const publishes = session.role === 'publisher';
  return (
    <dialog ref={dialog} onClose={onDone} aria-labelledby="disconnect-title">
      <h2 id="disconnect-title">Disconnect this {publishes ? 'publisher' : 'viewer'}?</h2>
      <p>
        {properName(session.protocol)} from <b>{session.remote}</b>.{' '}
        {publishes ? 'The stream stops for everybody, unless its publisher connects again.' : 'Most players stop; some connect again.'}
      </p>
      {problem !== '' && (
        <p class="problem" role="alert">
          That did not work: {problem}.
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="ghost" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={go}>
          Disconnect
        </button>
      </div>
    </dialog>
  );
}
