/** The one error of the engine that users read: something of the installation is missing, broken or too small. */

/** The engine cannot answer: missing bundle, native library, memory. The message names the thing and the remedy. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
}
