import type { Operation } from '../../operations/operation.ts';
import { toolName } from '../tool_name.ts';

/** Which tools are wanted, as flags or the headers of a request say it. */
export interface ToolWishes {
  /** Names of toolsets; undefined if nothing is said of them. */
  readonly toolsets?: readonly string[] | undefined;
  /** Names of tools, beside those of the toolsets. */
  readonly tools?: readonly string[] | undefined;
  readonly excludeTools: readonly string[];
  readonly readOnly: boolean;
}

/** What is looked at of a tool. */
export interface SelectableTool {
  readonly name: string;
  readonly toolsets: readonly string[];
  readonly readOnly: boolean;
}

/** What is listed if nothing else is asked for. */
export const DEFAULT_TOOLSET = 'default';
export const EVERY_TOOLSET = 'all';
/** Tools by which every operation is found and called. */
export const OPERATIONS_TOOLSET = 'operations';

export const NO_WISHES: ToolWishes = { excludeTools: [], readOnly: false };

/**
 * Which tools are offered, and which operations the callers may reach. To exclude, and to read only, wins
 * over all that asks for more.
 */
export class ToolSelection {
  readonly #chosen: readonly ((tool: SelectableTool) => boolean)[];
  readonly #excluded: ReadonlySet<string>;
  readonly #readOnly: boolean;

  private constructor(
    chosen: readonly ((tool: SelectableTool) => boolean)[],
    excluded: ReadonlySet<string>,
    readOnly: boolean,
  ) {
    this.#chosen = chosen;
    this.#excluded = excluded;
    this.#readOnly = readOnly;
  }

  /** What the operator wants; the default toolset, if that is not said. */
  static of(wishes: ToolWishes): ToolSelection {
    const { toolsets, tools } = wishes;
    const asked = toolsets === undefined && tools === undefined ? [DEFAULT_TOOLSET] : toolsets;
    return new ToolSelection([], new Set(), false).narrowed({ ...wishes, toolsets: asked });
  }

  offers(tool: SelectableTool): boolean {
    if (this.#excluded.has(tool.name) || (this.#readOnly && !tool.readOnly)) return false;
    return this.#chosen.every((isChosen) => isChosen(tool));
  }

  /** Whether a caller may call it. */
  reaches({ id, effect }: Operation): boolean {
    return !this.#excluded.has(toolName(id)) && (!this.#readOnly || effect === 'read');
  }

  /** The same, less what these wishes leave out. Nothing comes back that was left out before. */
  narrowed({ toolsets, tools, excludeTools, readOnly }: ToolWishes): ToolSelection {
    const sets = new Set(toolsets);
    const names = new Set(tools?.map(toolName));
    const isChosen = (tool: SelectableTool) =>
      sets.has(EVERY_TOOLSET) || names.has(tool.name) || tool.toolsets.some((it) => sets.has(it));
    return new ToolSelection(
      toolsets === undefined && tools === undefined ? this.#chosen : [...this.#chosen, isChosen],
      new Set([...this.#excluded, ...excludeTools.map((name) => toolName(name.toLowerCase()))]),
      this.#readOnly || readOnly,
    );
  }
}
