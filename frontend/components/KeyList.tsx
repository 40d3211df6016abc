/** @jsxImportSource preact */
import { Dialog } from "./Dialog.tsx";

/** All keys there are. */
export function KeyList({ onClose }: { onClose: () => void }) {
  const close = <button class="btn" type="button" onClick={onClose}>Close</button>;
  return (
    <Dialog title="Keys" onClose={onClose} actions={close}>
      <dl class="facts">
        <Key keys="/">Filter the jobs</Key>
        <Key keys="j k">Next, previous row</Key>
        <Key keys="x">Select</Key>
        <Key keys="Enter">Open</Key>
        <Key keys="r">Retry</Key>
        <Key keys="g" then="j s w q e">Jobs, Schedules, Workers, Queues, Errors</Key>
        <Key keys="?">This list</Key>
      </dl>
    </Dialog>
  );
}

function Key({ keys, then = "", children }: { keys: string; then?: string; children: string }) {
  const all = (names: string) => names.split(" ").flatMap((name) => [<kbd key={name}>{name}</kbd>, " "]);
  return (
    <>
      <dt>
        {all(keys)}
        {then === "" ? null : <>then {all(then)}</>}
      </dt>
      <dd>{children}</dd>
    </>
  );
}
