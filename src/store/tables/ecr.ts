import type { Image, Repository } from "../../model/ecr/records.ts";
import { defineTable } from "../table.ts";

export const repositories = defineTable<Repository>()({
  name: "ecr_repositories",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});

export const images = defineTable<Image>()({
  name: "ecr_images",
  key: (record) => `${record.repositoryArn}|${record.digest}`,
  indexes: { repository: (record) => record.repositoryArn },
});
