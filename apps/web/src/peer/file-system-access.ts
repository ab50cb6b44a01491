/** The parts of the File System Access API that TypeScript's DOM library does not know; where a browser lacks them they are undefined. */
declare global {
  interface Window {
    showOpenFilePicker?: (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>
    showDirectoryPicker?: (options: { mode: 'read' | 'readwrite' }) => Promise<FileSystemDirectoryHandle>
  }
  interface DataTransferItem {
    getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>
  }
  interface FileSystemHandle {
    queryPermission?: (options: { mode: 'read' }) => Promise<PermissionState>
    requestPermission?: (options: { mode: 'read' }) => Promise<PermissionState>
  }
}

/** Whether what a person chooses in a dialog can be had again on another visit. */
export function canPickHandles(): boolean {
  return typeof window.showOpenFilePicker === 'function'
}

/** Asks the person for files; undefined when they thought better of it. Only in answer to a click. */
export function pickFiles(): Promise<readonly FileSystemFileHandle[] | undefined> {
  return orCanceled(window.showOpenFilePicker?.({ multiple: true }))
}

/** Asks the person for a folder; undefined when they thought better of it. Only in answer to a click. */
export function pickFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  return orCanceled(window.showDirectoryPicker?.({ mode: 'read' }))
}

/** Whether the person can be asked for a folder to write to. */
export function canPickFolder(): boolean {
  return typeof window.showDirectoryPicker === 'function'
}

/** Asks the person for a folder to write to; undefined when they thought better of it. Only in answer to a click. */
export function pickFolderToFill(): Promise<FileSystemDirectoryHandle | undefined> {
  return orCanceled(window.showDirectoryPicker?.({ mode: 'readwrite' }))
}

/** Whether what a handle leads to may be read now, without asking. */
export async function mayRead(handle: FileSystemHandle): Promise<boolean> {
  return handle.queryPermission === undefined || (await handle.queryPermission({ mode: 'read' })) === 'granted'
}

/** Asks the person, if need be. Only in answer to a click. */
export async function askToRead(handle: FileSystemHandle): Promise<boolean> {
  return handle.requestPermission === undefined || (await handle.requestPermission({ mode: 'read' })) === 'granted'
}

async function orCanceled<T>(picking: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await picking
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}
