import type { Run } from '../commands.ts';

export const cat: Run<'cat'> = async (session, { arguments: [name = '', typed = ''] }) => {
  const { engine, output, signal } = session;
  return await session.withVault('read', async (vault) => {
    const snapshot = engine.findSnapshot(vault, name);
    try {
      await engine.readFile(vault, snapshot, session.fullPath(typed), async (bytes) => {
        signal.throwIfAborted();
        await output.bytes(bytes);
        if (output.isClosed) throw readerLeft;
      });
    } catch (error) {
      // `coffer cat … | head` has what it wanted.
      if (error !== readerLeft) throw error;
    }
    return 'done';
  });
};

const readerLeft = new Error('the reader of standard output left');
