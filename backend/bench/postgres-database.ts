import pg from "pg";

/** Where the throwaway PostgreSQL is. */
export interface PostgresAddress {
  /** The folder of its Unix socket. */
  socketFolder: string;
  pid: number;
}

/** A database of one measurement's own. It is dropped when it goes out of scope. */
export interface OwnDatabase extends AsyncDisposable {
  readonly url: string;
  readonly pool: pg.Pool;
}

/** Who connects: the one who made the cluster. */
export const DATABASE_USER = "bench";

/** Makes an empty database. */
export async function createDatabase(socketFolder: string): Promise<OwnDatabase> {
  const name = `bench_${crypto.randomUUID().replaceAll("-", "")}`;
  await asOwner(socketFolder, `create database ${name}`);
  const url = urlOf(socketFolder, name);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // What breaks shows in the query that is waiting.
  pool.on("error", () => {});
  return {
    url,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      // It waits for connections that are being closed.
      await asOwner(socketFolder, `drop database ${name}`);
    },
  };
}

async function asOwner(socketFolder: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(socketFolder, "postgres") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf(socketFolder: string, name: string): string {
  return `postgres://${DATABASE_USER}@/${name}?host=${encodeURIComponent(socketFolder)}`;
}
