/** Part of the tool runners: by name and type only. */

import { type ChatCompletionRunner } from './ChatCompletionRunner.js';
import { type ChatCompletionStreamingRunner } from './ChatCompletionStreamingRunner.js';
import { type JSONSchema } from './jsonschema.js';
import { later } from '../internal/later.js';

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

export function isRunnableFunctionWithParse<Args extends object, ToolContext = unknown>(
  fn: any,
): fn is RunnableFunctionWithParse<Args, ToolContext>;
export function isRunnableFunctionWithParse(): never {
  throw later('isRunnableFunctionWithParse', 'the tool runners');
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

/** It needs the tool runners, which tailrace does not have yet: making one throws an OpenAIError. */
export class ParsingToolFunction<Args extends object, ToolContext = unknown> {
  declare type: 'function';
  declare function: RunnableFunctionWithParse<Args, ToolContext>;
  constructor(input: RunnableFunctionWithParse<Args, ToolContext>);
  constructor(..._values: any[]) {
    throw later('ParsingToolFunction', 'the tool runners');
  }
}
