/** Functions that a runner can call when the model asks for them. */

import { type ChatCompletionRunner } from './ChatCompletionRunner.js';
import { type ChatCompletionStreamingRunner } from './ChatCompletionStreamingRunner.js';
import { type JSONSchema } from './jsonschema.js';

type PromiseOrValue<T> = T | Promise<T>;

export type RunnableFunctionWithParse<Args extends object, ToolContext = unknown> = {
  function: (
    args: Args,
    runner: ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown>,
    toolContext: ToolContext,
  ) => PromiseOrValue<unknown>;
  parse: (input: string) => PromiseOrValue<Args>;
  parameters: JSONSchema;
  description: string;
  name?: string | undefined;
  strict?: boolean | undefined;
};

export type RunnableFunctionWithoutParse<ToolContext = unknown> = {
  function: (
    args: string,
    runner: ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown>,
    toolContext: ToolContext,
  ) => PromiseOrValue<unknown>;
  parameters: JSONSchema;
  description: string;
  name?: string | undefined;
  strict?: boolean | undefined;
};

export type RunnableFunction<Args extends object | string, ToolContext = unknown> = Args extends string
  ? RunnableFunctionWithoutParse<ToolContext>
  : Args extends object
    ? RunnableFunctionWithParse<Args, ToolContext>
    : never;

export type RunnableToolFunction<Args extends object | string, ToolContext = unknown> = Args extends string
  ? RunnableToolFunctionWithoutParse<ToolContext>
  : Args extends object
    ? RunnableToolFunctionWithParse<Args, ToolContext>
    : never;

export type RunnableToolFunctionWithoutParse<ToolContext = unknown> = {
  type: 'function';
  function: RunnableFunctionWithoutParse<ToolContext>;
};

export type RunnableToolFunctionWithParse<Args extends object, ToolContext = unknown> = {
  type: 'function';
  function: RunnableFunctionWithParse<Args, ToolContext>;
};

export type RunnableToolFunctionWithContext<ToolContext> = {
  type: 'function';
  function: {
    function: (
      args: any,
      runner: ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown>,
      toolContext: ToolContext,
    ) => PromiseOrValue<unknown>;
    parse?: (input: string) => PromiseOrValue<any>;
    parameters: JSONSchema;
    description: string;
    name?: string | undefined;
    strict?: boolean | undefined;
  };
};

/** Whether a function gets its arguments through a parser of its own. */
export function isRunnableFunctionWithParse<Args extends object, ToolContext = unknown>(
  fn: any,
): fn is RunnableFunctionWithParse<Args, ToolContext> {
  return typeof (fn as { parse?: unknown }).parse === 'function';
}

export type BaseFunctionsArgs = readonly (object | string)[];

export type RunnableFunctions<FunctionsArgs extends BaseFunctionsArgs, ToolContext = unknown> = [any[]] extends [
  FunctionsArgs,
]
  ? readonly RunnableFunction<any, ToolContext>[]
  : {
      [Index in keyof FunctionsArgs]: FunctionsArgs[Index] extends object | string
        ? RunnableFunction<FunctionsArgs[Index], ToolContext>
        : FunctionsArgs[Index];
    };

export type RunnableTools<FunctionsArgs extends BaseFunctionsArgs, ToolContext = unknown> = [any[]] extends [
  FunctionsArgs,
]
  ? readonly RunnableToolFunction<any, ToolContext>[]
  : {
      [Index in keyof FunctionsArgs]: FunctionsArgs[Index] extends object | string
        ? RunnableToolFunction<FunctionsArgs[Index], ToolContext>
        : FunctionsArgs[Index];
    };

/** A function tool whose function gets what its parser gives; the class checks that the two fit. */
export class ParsingToolFunction<Args extends object, ToolContext = unknown> {
  type: 'function' = 'function' as const;
  function: RunnableFunctionWithParse<Args, ToolContext>;

  /** @param input - The function, its parser, and what the model is told about it. */
  constructor(input: RunnableFunctionWithParse<Args, ToolContext>) {
    this.function = input;
  }
}
