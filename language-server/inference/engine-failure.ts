/** The errors of the engine that users read: something of the installation is missing, broken or too small. */
import { deviceNames, type Device } from './devices/device.js';

/** The engine cannot answer: missing bundle, native library, memory. The message names the thing and the remedy. */
export class EngineFailure extends Error {
  override readonly name: string = 'EngineFailure';
}

/** The native library of ONNX Runtime is missing or does not load; WebAssembly can take over. */
export class NativeLibraryFailure extends EngineFailure {
  override readonly name = 'NativeLibraryFailure';
}

/** A device other than the processor failed; the processor can take over. */
export class DeviceFailure extends EngineFailure {
  override readonly name = 'DeviceFailure';

  constructor(
    readonly device: Device,
    /** What the runtime says. */
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${deviceNames[device]} failed: ${why}.`, options);
  }
}

/** Whether a message of ONNX Runtime, a driver or V8 says that memory is not to be had. */
export function isMemory(why: string): boolean {
  return /bad_alloc|alloc\w* (failed|memory)|failed to alloc|out of (device |gpu |video )?memory|\(OOM\)/i.test(
    why,
  );
}
