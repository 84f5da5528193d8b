/** What an ONNX Runtime or driver message means to a user, and what helps. */
import { isMemory } from '../engine-failure.js';
import { deviceNames, type Device } from './device.js';

export interface Explained {
  /** One sentence: what is wrong. */
  readonly problem: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

const FOUND = 'and let the loader find it (ldconfig or LD_LIBRARY_PATH).';

/**
 * What a library of CUDA comes with. Which CUDA that is depends on the provider that was copied; the libraries named
 * here have its number in their own names, others (`libcurand.so.10`) have numbers of their own.
 */
function libraryRemedy(library: string): string {
  if (library.startsWith('libonnxruntime_providers'))
    return 'Copy libonnxruntime_providers_shared.so and libonnxruntime_providers_cuda.so beside the native library, as docs/devices.md says.';
  if (library.startsWith('libcuda.so')) return 'Install the NVIDIA driver.';
  const cudnn = /^libcudnn\w*\.so\.(\d+)/.exec(library);
  if (cudnn) return `Install cuDNN ${cudnn[1]!} for the CUDA that is installed, ${FOUND}`;
  const cuda = /^lib(?:cudart|cublas|cublasLt|nvrtc)\.so\.(\d+)/.exec(library);
  if (cuda) return `Install the CUDA ${cuda[1]!} runtime, ${FOUND}`;
  if (/^lib(cu|nv)/.test(library))
    return `Install the runtime of the CUDA that \`ldd libonnxruntime_providers_cuda.so\` names, ${FOUND}`;
  return `Install the package that holds ${library}.`;
}

/** `why` is what the runtime said, all of it. */
export function explainFailure(device: Device, why: string): Explained {
  const name = deviceNames[device];
  if (device === 'wasm') return explainWeb(why);
  const unloaded = /native library of ONNX Runtime does not load.*/i.exec(why);
  if (unloaded) {
    return {
      problem: `${name} needs ONNX Runtime’s native library: the ${firstLine(unloaded[0])}.`,
      remedy: '',
    };
  }
  const library = missingLibrary(why);
  if (library !== undefined) {
    return {
      problem: `${name} needs the library ${library}, which is missing.`,
      remedy: libraryRemedy(library),
    };
  }
  if (/backend not found|no available backend/i.test(why)) {
    return {
      problem: `The native library of this build of Candor has no ${name}.`,
      remedy: 'Install the build of Candor for this platform, or choose another device.',
    };
  }
  if (/no supported adapters|failed to get a webgpu adapter|no CUDA-capable device/i.test(why)) {
    return { problem: `${name} finds no graphics adapter that it can use.`, remedy: adapterRemedy(device) };
  }
  if (isMemory(why)) {
    return {
      problem: `The memory of the graphics adapter is not enough for the model on ${name}.`,
      remedy: 'Close programs that use the graphics adapter, or choose a smaller bundle.',
    };
  }
  if (/requires f16|shader-f16/i.test(why)) {
    return {
      problem: 'The graphics adapter does not compute in half precision.',
      remedy: 'Nothing needs to be done: Candor uses full precision there.',
    };
  }
  if (
    /max\w*(BufferSize|BindingSize|Size\w|PerStage|PerDimension)|exceeds the (max\w*|limit)|limit/i.test(why)
  ) {
    return {
      problem: `The limits of the graphics adapter are too small for the model on ${name}: ${firstLine(why)}.`,
      remedy: 'Update its driver, or choose a smaller bundle.',
    };
  }
  if (/device.*lost|lost.*device|device removed|device hung/i.test(why)) {
    return {
      problem: `The graphics adapter was lost while ${name} ran.`,
      remedy: 'Update its driver if this happens again.',
    };
  }
  return {
    problem: `${name} failed: ${firstLine(why)}.`,
    remedy: 'Update the graphics driver, or keep to the CPU.',
  };
}

/** WebAssembly has no driver and no adapter: what can fail is its memory, or the installation. */
function explainWeb(why: string): Explained {
  if (isMemory(why)) {
    return {
      problem: `The model does not fit into the memory of WebAssembly, 4.3 GB: ${firstLine(why)}.`,
      remedy: 'Choose a smaller bundle.',
    };
  }
  return { problem: `WebAssembly failed: ${firstLine(why)}.`, remedy: 'Install Candor again.' };
}

/** The library whose absence a dynamic loader complains of, in Linux's words. */
export function missingLibrary(why: string): string | undefined {
  const match = /([\w.+-]+\.so[\d.]*): cannot open shared object file/.exec(why);
  if (match) return match[1];
  return /failed to load shared library/i.test(why) ? 'libonnxruntime_providers_shared.so' : undefined;
}

/** Where NVIDIA’s driver lies that is lent to a container, out of the Vulkan loader’s sight. */
const CONTAINER_FOLDER = '/usr/local/nvidia/share/vulkan/icd.d';

function adapterRemedy(device: Device): string {
  if (device === 'cuda') return 'Install the NVIDIA driver.';
  if (process.platform === 'linux')
    return (
      'Install the Vulkan driver of the card (Debian and Ubuntu: libvulkan1 and mesa-vulkan-drivers, or NVIDIA’s ' +
      `driver). Where its file lies in another folder, as in some containers ${CONTAINER_FOLDER}, name that in VK_DRIVER_FILES.`
    );
  return 'Install the driver of the graphics card.';
}

function firstLine(why: string): string {
  const line = why.split('\n').find((text) => text.trim() !== '') ?? 'no reason was given';
  return line.trim().slice(0, 300).replace(/\.$/, '');
}
