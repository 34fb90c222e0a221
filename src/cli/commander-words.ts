/** argv → switches and operands by commander, which knows what to say when they are not as they should be. */
import { Command, CommanderError, Option } from 'commander';
import type { Words } from './plain-words.ts';
import { SWITCHES, type SwitchDef } from './switches.ts';

/** What commander says about argv, without its own prefix. */
export interface WordsError {
  readonly message: string;
  readonly suggestion: string | undefined;
}

export function commanderWords(argv: readonly string[]): Words | WordsError {
  const switches: { def: SwitchDef; value: string | undefined }[] = [];
  const command = new Command('trapline').exitOverride().helpOption(false).argument('[operands...]');
  command.configureOutput({ writeErr: () => {}, outputError: () => {} });
  for (const def of SWITCHES) {
    const option = new Option(commanderFlags(def));
    command.addOption(option);
    command.on(`option:${option.name()}`, (value: string | undefined) => {
      switches.push({ def, value: value ?? undefined });
    });
  }
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return wordsError(error);
    throw error;
  }
  return { switches, operands: command.args };
}

function commanderFlags(def: SwitchDef): string {
  const names = [def.short && `-${def.short}`, def.long && `--${def.long}`].filter(Boolean).join(', ');
  return def.argument === undefined ? names : `${names} <value>`;
}

function wordsError(error: CommanderError): WordsError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  return { message, suggestion };
}
