import { DATABASE_USER, type PostgresAddress } from "./postgres-database.ts";
import { startServer, type SystemUser, UnavailableError } from "./server-process.ts";

/** Where Debian keeps the programs of each version, and none of them on the path. */
const VERSIONS = "/usr/lib/postgresql";
/** Who runs the server when this program is run by root, which PostgreSQL refuses to be: the first that exists. */
const USERS = ["postgres", "nobody"];

/**
 * Makes a PostgreSQL cluster in a temporary folder and starts it with its default settings, `fsync` on, on a Unix
 * socket there and nowhere else. `stack` stops it and removes the folder.
 *
 * @throws {UnavailableError} If there is no PostgreSQL or it does not start.
 */
export async function startPostgres(stack: AsyncDisposableStack): Promise<PostgresAddress> {
  const programs = findPrograms();
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-postgres-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const user = Deno.uid() === 0 ? findUser() : undefined;
  if (user !== undefined) await Deno.chown(folder, user.uid, user.gid);
  const data = `${folder}/data`;
  const { success, stderr } = await new Deno.Command(`${programs}initdb`, {
    ...user,
    args: ["-D", data, "-U", DATABASE_USER, "-A", "trust", "-E", "UTF8", "--no-locale"],
    cwd: folder,
    stdin: "null",
  }).output();
  if (!success) throw new UnavailableError(`initdb failed: ${new TextDecoder().decode(stderr).trim()}`);
  const pid = await startServer({
    program: `${programs}postgres`,
    args: ["-D", data, "-c", "listen_addresses=", "-c", `unix_socket_directories=${folder}`],
    ...(user === undefined ? {} : { user }),
    stopSignal: "SIGINT", // A fast shutdown: it waits for nobody.
    socket: `${folder}/.s.PGSQL.5432`,
    stack,
  });
  return { socketFolder: folder, pid };
}

/** The folder of the newest version's programs, with a slash; empty where they are on the path. */
function findPrograms(): string {
  try {
    const versions = [...Deno.readDirSync(VERSIONS)].map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a));
    for (const version of versions) {
      const folder = `${VERSIONS}/${version}/bin/`;
      if (exists(`${folder}initdb`) && exists(`${folder}postgres`)) return folder;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    new Deno.Command("postgres", { args: ["--version"], stdout: "null" }).outputSync();
    return "";
  } catch (cause) {
    throw new UnavailableError("there is no PostgreSQL server", { cause });
  }
}

function findUser(): SystemUser {
  const lines = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
  for (const wanted of USERS) {
    const [, , uid, gid] = lines.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new UnavailableError(`PostgreSQL refuses root, and there is no user ${USERS.join(" or ")}`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
