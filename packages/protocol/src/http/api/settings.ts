import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { Done } from "../common.ts"
import { ModelChoiceBody, ModelChoiceReply, ModelsReply } from "../models.ts"
import { SecretBody, SecretName, SecretReply, SecretsReply, SettingsPatch, SettingsReply } from "../settings.ts"
import { badRequest, conflict, notFound, says, wrong } from "./endpoint.ts"

const secret = { name: SecretName }

export const modelsGroup = () =>
  HttpApiGroup.make("models").add(
    HttpApiEndpoint.get("list", "/models", { success: ModelsReply }).annotateMerge(
      says("Models that can be used now, and why the rest cannot")
    ),
    HttpApiEndpoint.put("chooseDefault", "/models/default", {
      payload: ModelChoiceBody,
      success: ModelChoiceReply,
      error: [badRequest, conflict, wrong]
    }).annotateMerge(says("Choose the default model", "Refused (409) where a flag or the environment decides."))
  )

export const settingsGroup = () =>
  HttpApiGroup.make("settings").add(
    HttpApiEndpoint.get("settings", "/settings", { success: SettingsReply }).annotateMerge(
      says("Settings, each with where its value comes from")
    ),
    HttpApiEndpoint.patch("setSettings", "/settings", {
      payload: SettingsPatch,
      success: SettingsReply,
      error: [badRequest, conflict, wrong]
    }).annotateMerge(
      says("Change settings", "Null brings a default back. Refused (409) where a flag or the environment decides.")
    ),
    HttpApiEndpoint.get("secrets", "/secrets", { success: SecretsReply }).annotateMerge(
      says("Which secrets are there", "Values can be written and never read.")
    ),
    HttpApiEndpoint.put("setSecret", "/secrets/:name", {
      params: secret,
      payload: SecretBody,
      success: SecretReply,
      error: [badRequest, notFound, conflict, wrong]
    }).annotateMerge(says("Set a secret", "It is tried before it is stored, where there is a way to.")),
    HttpApiEndpoint.delete("removeSecret", "/secrets/:name", {
      params: secret,
      success: Done,
      error: notFound
    }).annotateMerge(says("Forget a secret"))
  )
