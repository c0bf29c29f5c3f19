/**
 * What can be set, and where each value comes from: a flag, before the environment, before the file, before the default.
 *
 * Law: a value that a flag or the environment decides can't be changed from here, and a file that can't be understood is
 * said to be so and left alone.
 */
import * as Path from "node:path"
import {
  defaultSettings,
  type SettingKey,
  type SettingSource,
  SettingsPatch,
  type Settings as Values
} from "@choiros/protocol"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Config } from "../Config.ts"
import { type JsonFileFailure, jsonFile } from "./JsonFile.ts"

export interface SettingsView {
  readonly values: Values
  readonly sources: Readonly<Record<SettingKey, SettingSource>>
  /** What is wrong with the file. */
  readonly problem: string | null
}

/** A flag or the environment decides it. */
export class SettingFixed extends Schema.TaggedError<SettingFixed>()("Settings.Fixed", { message: Schema.String }) {}

export class Settings extends Context.Service<
  Settings,
  {
    readonly view: Effect.Effect<SettingsView>
    /** Whether these keys may be changed from here. */
    readonly check: (keys: ReadonlyArray<SettingKey>) => Effect.Effect<void, SettingFixed>
    /** Null brings a key's default back; absent keys stay. */
    readonly change: (patch: SettingsPatch) => Effect.Effect<SettingsView, SettingFixed | JsonFileFailure>
  }
>()("choiros/sandbox/settings/Settings") {
  static readonly layer = (config: SettingsConfig): Layer.Layer<Settings> => Layer.effect(Settings, make(config))
}

type SettingsConfig = Pick<Config, "home" | "model" | "modelBaseUrl" | "env">

/** Values that only the next start sees. */
export const needsRestart: ReadonlyArray<SettingKey> = ["model_base_url"]

const make = Effect.fnUntraced(function* (config: SettingsConfig) {
  const file = jsonFile(Path.join(config.home, "settings.json"), SettingsPatch)
  const fixed = {
    model: fixedBy(config.model, "--model", "CHOIR_MODEL", config.env),
    model_base_url: fixedBy(config.modelBaseUrl, "--model-base-url", "CHOIR_MODEL_BASE_URL", config.env)
  }
  const read = yield* Effect.result(file.read)
  let stored: SettingsPatch = Result.isSuccess(read) ? read.success : {}
  let problem: string | null = Result.isFailure(read) ? read.failure.message : null
  if (problem !== null) yield* Effect.logWarning(problem)

  const view = Effect.sync((): SettingsView => {
    const model = settle(fixed.model, stored.model, defaultSettings.model)
    const baseUrl = settle(fixed.model_base_url, stored.model_base_url, defaultSettings.model_base_url)
    return {
      values: { model: model.value, model_base_url: baseUrl.value },
      sources: { model: model.source, model_base_url: baseUrl.source },
      problem
    }
  })

  const check = (keys: ReadonlyArray<SettingKey>) =>
    Effect.forEach(
      keys,
      (key) => {
        const by = fixed[key]
        return by === null
          ? Effect.void
          : Effect.fail(
              new SettingFixed({ message: `${key} is decided by ${by.name}; start without it to choose here` })
            )
      },
      { discard: true }
    )

  const change = Effect.fnUntraced(function* (patch: SettingsPatch) {
    const named = (["model", "model_base_url"] as const).filter((key) => patch[key] !== undefined)
    if (named.length === 0) return yield* view
    yield* check(named)
    stored = yield* file.update(() => Object.fromEntries(named.map((key) => [key, patch[key] ?? undefined])))
    problem = null
    return yield* view
  })

  return Settings.of({ view, check, change })
})

interface Fixed {
  readonly value: string
  readonly source: "flag" | "environment"
  readonly name: string
}

const fixedBy = (value: string | null, flag: string, variable: string, env: Config["env"]): Fixed | null => {
  if (value === null) return null
  return env[variable] === value
    ? { value, source: "environment", name: variable }
    : { value, source: "flag", name: flag }
}

const settle = (
  fixed: Fixed | null,
  stored: string | null | undefined,
  otherwise: string | null
): { readonly value: string | null; readonly source: SettingSource } => {
  if (fixed !== null) return fixed
  return stored === undefined || stored === null
    ? { value: otherwise, source: "default" }
    : { value: stored, source: "setting" }
}
