/** How long work will go on, told from how fast it went so far. */

/** Made when the work begins; given the share done, says what is left. */
export function timeLeft(now: () => number = () => performance.now()): (share: number) => string {
  let start: { readonly at: number; readonly share: number } | undefined;
  return (share) => {
    start ??= { at: now(), share };
    const seconds = (now() - start.at) / 1000;
    const done = share - start.share;
    // The first moments say little.
    if (done <= 0 || seconds < 1) return 'time left unknown yet';
    const left = (seconds / done) * (1 - share);
    if (left < 90) return `about ${Math.ceil(left)} s left`;
    return `about ${Math.ceil(left / 60)} min left`;
  };
}
