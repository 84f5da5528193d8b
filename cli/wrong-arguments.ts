/** The command line was called wrongly: the message says how, and the exit code is 2. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}
