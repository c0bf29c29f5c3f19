import { defineConfig } from "vitest/config"

const browser = ["e2e/desktop/**/*.test.ts"]

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A poll waits for what is to come, and a busy machine takes its time.
    expect: { poll: { timeout: 15_000 } },
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: "house",
          include: ["packages/**/*.test.{ts,tsx}", "e2e/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...browser],
          sequence: { groupOrder: 0 }
        }
      },
      {
        extends: true,
        // After the others: a browser beside a storm of crashes gets no time to paint.
        test: { name: "desktop", include: browser, testTimeout: 90_000, sequence: { groupOrder: 1 } }
      }
    ]
  }
})
