/** @jsxImportSource preact */
import { Dialog } from "../Dialog.tsx";

/** A question that stands open. */
export interface Question {
  title: string;
  text: string;
  yes: string;
  no: string;
  act: () => void;
}

/** Asks before harm. */
export function Ask(
  { question: { title, text, yes, no, act }, onClose }: { question: Question; onClose: () => void },
) {
  const answer = () => {
    onClose();
    act();
  };
  const actions = (
    <>
      <button class="btn main danger" type="button" onClick={answer}>{yes}</button>
      <button class="btn" type="button" onClick={onClose}>{no}</button>
    </>
  );
  return (
    <Dialog title={title} actions={actions} onClose={onClose}>
      <p class="soft">{text}</p>
    </Dialog>
  );
}
