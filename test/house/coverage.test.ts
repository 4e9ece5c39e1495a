import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { COVERAGE_PAGE, readCoverage, renderCoverage } from "../../scripts/coverage.ts";

describe("docs/coverage.md", () => {
  it("lists exactly the operations that the services have", async () => {
    const page = renderCoverage(await readCoverage());
    assert.equal(readFileSync(COVERAGE_PAGE, "utf8"), page, "run: node scripts/coverage.ts --write");
  });

  it("would be stale after an operation was added", () => {
    const before = [{ id: "sts", title: "STS", implemented: ["GetCallerIdentity"], known: 11 }];
    const after = [{ id: "sts", title: "STS", implemented: ["AssumeRole", "GetCallerIdentity"], known: 11 }];
    assert.match(renderCoverage(before), /\| STS \| `sts` \| 1 of 11 \|/);
    assert.match(renderCoverage(after), /2 of 11\n\n- AssumeRole\n- GetCallerIdentity\n/);
    assert.notEqual(renderCoverage(before), renderCoverage(after));
  });
});
