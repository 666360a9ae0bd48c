import { describe, expect, it } from 'vitest';
import { createToolbox } from '../../../src/tools/toolbox.ts';

describe('the toolbox', () => {
  it('has the composite tools first, then one for each operation', () => {
    const names = [...createToolbox('both').keys()];
    expect(names.slice(0, 7)).toEqual([
      'upload_local_file',
      'upload_local_files',
      'download_asset_to_path',
      'download_clip_to_path',
      'transfer_status',
      'transfer_cancel',
      'uploads_initiate',
    ]);
  });

  it('holds each tool under its own name', () => {
    for (const [name, tool] of createToolbox('both')) {
      expect([tool.name, tool.listing.name]).toEqual([name, name]);
    }
  });
});
