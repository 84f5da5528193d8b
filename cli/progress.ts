/** Says on stderr what is being waited for: in a terminal on one line that is written over, else once. */

export interface Progress {
  readonly say: (what: string) => void;
  readonly done: () => void;
}

export function showProgress(stream: NodeJS.WriteStream): Progress {
  let said = false;
  return {
    say(what) {
      if (stream.isTTY) stream.write(`\r\x1b[K${what}`);
      else if (!said) stream.write(`${what}\n`);
      said = true;
    },
    done() {
      if (said && stream.isTTY) stream.write('\r\x1b[K');
      said = false;
    },
  };
}
