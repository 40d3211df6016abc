/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { Icon } from "../../components/Icon.tsx";
import { formatCount } from "../../lib/format.ts";
import { type Live, pageLive } from "../../lib/live.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal, useValue } from "../../lib/signal.ts";

/** Whether what the page shows is live. Without scripts it says of when it is. */
export default function LiveBadge({ time, utc }: {
  /** When it was rendered: the time of the day in the viewer's zone, and all of it in UTC. */
  time: string;
  utc: string;
}) {
  const { base } = usePage();
  const live = useSignal<Live | null>(null);
  useEffect(() => {
    live.value = pageLive(base);
    return live.value.listen({});
  }, []);

  if (live.value !== null) return <Connection live={live.value} />;
  return <span class="live off" title={utc}>As of {time}</span>;
}

function Connection({ live }: { live: Live }) {
  const { base } = usePage();
  const state = useValue(live.state);
  const isPaused = useValue(live.isPaused);
  const isSignedOut = useValue(live.isSignedOut);
  const missed = useValue(live.missed);
  if (isSignedOut) {
    const next = encodeURIComponent(location.pathname + location.search);
    return (
      <span class="live off" role="status">
        Signed out. <a class="link" href={`${base}/admin/login?next=${next}`}>Sign in</a>
      </span>
    );
  }
  const isLive = state === "live" && !isPaused;
  return (
    <>
      <span class={isLive ? "live" : "live off"} role="status">
        {isPaused
          ? `Paused${missed > 0 ? `: ${formatCount(missed)} new events` : ""}`
          : isLive
          ? "Live"
          : state === "retrying"
          ? "Not live, retrying"
          : "Connecting"}
      </span>
      <button
        class="btn bare square"
        type="button"
        aria-pressed={isPaused ? "true" : "false"}
        aria-label="Pause updates"
        title={isPaused ? "Go on with updates" : "Pause updates"}
        onClick={() => isPaused ? live.resume() : live.pause()}
      >
        <Icon name={isPaused ? "play" : "pause"} />
      </button>
    </>
  );
}
