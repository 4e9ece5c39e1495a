/** Key pairs. Nothing logs in by them here; they are made, kept and told as EC2 does. */
import type * as wire from "@aws-sdk/client-ec2";
import type { KeyPair } from "../../model/ec2/records.ts";
import { keyPairs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameterValue, missingParameter, unsupportedOperation } from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { keyFormat, keyPairDuplicate, keyPairsNotFound } from "./instance-errors.ts";
import { newKey, readPublicKey } from "./key-material.ts";
import { listInScope } from "./resolve.ts";
import { newId } from "./resource-ids.ts";
import { describeTagList, tagsOfSpecifications } from "./tagging.ts";

export function createKeyPair(input: wire.CreateKeyPairRequest, context: HandlerContext): wire.KeyPair {
  const name = requireNewName(context, input.KeyName);
  const keyType = input.KeyType ?? "rsa";
  if (keyType !== "rsa" && keyType !== "ed25519") {
    throw invalidParameterValue(`Invalid value '${keyType}' for KeyType.`);
  }
  if (input.KeyFormat !== undefined && input.KeyFormat !== "pem") {
    throw unsupportedOperation(`Keys in the form ${input.KeyFormat} are not supported.`);
  }
  const tags = tagsOfSpecifications(input.TagSpecifications, "key-pair");
  const key = newKey(keyType, name);
  const record: KeyPair = {
    ...context.scope,
    keyPairId: newId({ prefix: "key" }, context.random),
    keyName: name,
    keyType,
    fingerprint: key.fingerprint,
    publicKey: key.publicKey,
    createTime: context.clock.now(),
    tags,
  };
  context.store.transaction((tx) => tx.put(keyPairs, record));
  return {
    KeyName: name,
    KeyPairId: record.keyPairId,
    KeyFingerprint: record.fingerprint,
    KeyMaterial: key.material,
    Tags: describeTagList(tags),
  };
}

export function importKeyPair(
  input: wire.ImportKeyPairRequest,
  context: HandlerContext,
): wire.ImportKeyPairResult {
  const name = requireNewName(context, input.KeyName);
  if (input.PublicKeyMaterial === undefined) throw missingParameter("PublicKeyMaterial");
  const text = Buffer.from(input.PublicKeyMaterial).toString("utf8").trim();
  const key = readPublicKey(text);
  if (key === undefined) throw keyFormat();
  const tags = tagsOfSpecifications(input.TagSpecifications, "key-pair");
  const record: KeyPair = {
    ...context.scope,
    keyPairId: newId({ prefix: "key" }, context.random),
    keyName: name,
    keyType: key.keyType,
    fingerprint: key.fingerprint,
    publicKey: text,
    createTime: context.clock.now(),
    tags,
  };
  context.store.transaction((tx) => tx.put(keyPairs, record));
  return {
    KeyName: name,
    KeyPairId: record.keyPairId,
    KeyFingerprint: record.fingerprint,
    Tags: describeTagList(tags),
  };
}

function requireNewName(context: HandlerContext, name: string | undefined): string {
  if (!name) throw missingParameter("KeyName");
  if (findByName(context, name) !== undefined) {
    throw keyPairDuplicate();
  }
  return name;
}

function findByName({ store, scope }: HandlerContext, name: string): KeyPair | undefined {
  return store.where(keyPairs, "name", `${scope.account}/${scope.region}|${name}`)[0];
}

const FILTERS: FilterTable<KeyPair> = {
  fingerprint: (record) => record.fingerprint,
  "key-name": (record) => record.keyName,
  "key-pair-id": (record) => record.keyPairId,
};

export function describeKeyPairs(
  input: wire.DescribeKeyPairsRequest,
  context: HandlerContext,
): wire.DescribeKeyPairsResult {
  const names = input.KeyNames ?? [];
  const ids = input.KeyPairIds ?? [];
  const all = listInScope(context, keyPairs);
  for (const name of names) {
    if (!all.some((one) => one.keyName === name)) {
      throw keyPairsNotFound([name]);
    }
  }
  for (const id of ids) {
    if (!all.some((one) => one.keyPairId === id)) {
      throw keyPairsNotFound([id]);
    }
  }
  const chosen =
    names.length + ids.length === 0
      ? all
      : all.filter((one) => names.includes(one.keyName) || ids.includes(one.keyPairId));
  return {
    KeyPairs: filtered(chosen, input.Filters, FILTERS).map((one) => ({
      KeyPairId: one.keyPairId,
      KeyName: one.keyName,
      KeyType: one.keyType,
      KeyFingerprint: one.fingerprint,
      CreateTime: new Date(one.createTime),
      Tags: describeTagList(one.tags),
      ...(input.IncludePublicKey ? { PublicKey: one.publicKey } : {}),
    })),
  };
}

/** One that is not there is deleted, too. */
export function deleteKeyPair(
  input: wire.DeleteKeyPairRequest,
  context: HandlerContext,
): wire.DeleteKeyPairResult {
  const { KeyName, KeyPairId } = input;
  if (!KeyName && !KeyPairId) throw missingParameter("KeyName");
  const found = listInScope(context, keyPairs).find((one) =>
    KeyName ? one.keyName === KeyName : one.keyPairId === KeyPairId,
  );
  if (found !== undefined) context.store.transaction((tx) => tx.delete(keyPairs, found.keyPairId));
  return { Return: true, KeyPairId: found?.keyPairId ?? KeyPairId };
}
