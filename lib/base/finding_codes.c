/* SPDX-License-Identifier: MIT
 * Every finding code there is, with the text of `chutes help CODE`. Codes are stable: a code is
 * never given a new meaning. E1xx text and structure, E2xx meaning, W3xx advice, I1xx image rules,
 * D1xx and D2xx this machine and its user, as 'chutes doctor' sees them.
 */
#include "lib/base/findings.h"

#include <string.h>

#define E(code, title, explain)                                                                    \
	{                                                                                          \
		code, SEVERITY_ERROR, ERROR_SPEC, title, explain                                   \
	}
#define W(code, title, explain)                                                                    \
	{                                                                                          \
		code, SEVERITY_WARNING, ERROR_SPEC, title, explain                                 \
	}

/* Warnings for whoever builds; the commands that need the image to be right make errors of them. */
#define I(code, title, explain)                                                                    \
	{                                                                                          \
		code, SEVERITY_WARNING, ERROR_BUILD, title, explain                                \
	}

/* An error or a warning that is about no spec. */
#define D(code, severity, error, title, explain)                                                   \
	{                                                                                          \
		code, SEVERITY_##severity, ERROR_##error, title, explain                           \
	}

static const struct finding_row rows[] = {
	E("E101", "not readable as YAML",
	  "The file is not a YAML document. The place shown is where reading stopped; "
	  "the mistake may stand just before it: an opening quote or bracket, or a line "
	  "with another indentation than its neighbours."),
	E("E102", "not UTF-8 text",
	  "The file is binary, in another encoding, or holds a control character. Save "
	  "it as UTF-8 text; a byte order mark does no harm."),
	E("E103", "empty",
	  "The file holds no document: it is empty, or all of it is comments. 'chutes "
	  "init' writes one to start from."),
	E("E104", "too large or too deep",
	  "A spec may have 1 MiB and 32 levels, and its aliases together may stand for "
	  "10000 values. Real specs are far below; these limits keep a hostile file "
	  "from taking the machine's memory."),
	E("E105", "tab in the indentation",
	  "YAML indents with spaces only. Set the editor to write spaces in YAML files."),
	E("E106", "duplicate key",
	  "A key stands twice in one mapping, so one of the two values would be lost "
	  "silently. Keep one. A key that comes from a merge ('<<') may be given again: "
	  "what is written in place wins."),
	E("E107", "a part of YAML that is not used here",
	  "Tags ('!name'), several documents in one file, and keys that are not plain "
	  "text are refused: the meaning of a spec never depends on them."),
	E("E108", "alias without anchor",
	  "An alias ('*name') needs an anchor ('&name') above it, and cannot stand "
	  "inside of it."),
	E("E110", "unknown key",
	  "A key that the spec does not know at this place. The hint names the key that was "
	  "most likely meant, also for what Dockerfiles and the platform's SDK call it, or "
	  "all that there are. Keys that start with x- are ignored everywhere and may carry "
	  "notes and anchors."),
	E("E111", "wrong type",
	  "The value has another type than the key wants. Values are typed by their "
	  "key, not by a guess: where text is wanted, 1.10 and no are text; where a "
	  "boolean is wanted, only true and false are; numbers are decimal and without "
	  "quotes."),
	E("E112", "missing key",
	  "A key without a default is not there. The hint shows a line that would do."),
	E("E113", "outside of its limits",
	  "A number, a length or a count is outside of what is allowed. Where the "
	  "hosted platform has a stricter limit than its SDK, the platform's is used."),
	E("E114", "value not allowed",
	  "The text does not have the form that this key wants, or contains a control "
	  "character."),
	E("E116", "reference to the environment",
	  "${env:NAME} and ${env:NAME:-default} are replaced in 'name', 'tagline', 'env', "
	  "'dev', 'image.name' and 'image.tag', and nowhere else: the rest of a spec means "
	  "the same on every machine. The variable must be set (or have a default), and its "
	  "name must not look like a secret's, because the value becomes part of what is "
	  "sent and stored. What it holds is not searched for further references. "
	  "$${env: stands for the characters ${env: themselves."),
	E("E117", "several keys where one is wanted",
	  "An entry of this list is a mapping with exactly one key. Usually a '-' is "
	  "missing in front of the second one."),
	E("E118", "not possible in an overlay",
	  "An overlay of 'environments' is a mapping that is laid over the spec: mappings "
	  "merge, lists and single values replace, null deletes a key that is there. It "
	  "cannot change 'version', 'environments', or the mode of the chute, and a null "
	  "that deletes nothing is most likely a typo."),
	E("E201", "mode",
	  "A chute has exactly one mode: 'template' (a model, run by what the platform has "
	  "for its kind), 'handlers' (Python functions from your file), 'server' (any "
	  "process that speaks HTTP) or 'python' (a module written for the platform's "
	  "SDK). A chute whose jobs are all commands needs none."),
	E("E202", "port in use",
	  "The port belongs to the runtime (8000, 8001, 8002, 2202), or two parts of "
	  "the chute would listen on the same one."),
	E("E203", "cord twice",
	  "Two cords have one function, one path, or one public route. Each request "
	  "must have one answer."),
	E("E204", "variable of the platform",
	  "Variables that start with CHUTES_ or LD_, proxy settings and PYTHONPATH are "
	  "set or cleared by the platform and cannot be set here."),
	E("E205", "name of nothing", "The value names a cord or a field that does not exist."),
	E("E206", "does not fit the input",
	  "An example, a default or a test's request is not what the input fields "
	  "allow. The running chute would answer it with an error. A test that expects "
	  "a status of 400 or more is not checked."),
	E("E207", "contradiction in a field",
	  "The rules of an input field exclude each other, or do not belong to its "
	  "type: limits without a value between them, a default for a required field, a "
	  "pattern for a number."),
	E("E208", "where a cord goes",
	  "In server mode every cord says with 'forward' which route of the process "
	  "answers it. In handlers mode a cord with 'forward' also says the port."),
	E("E209", "password in an address",
	  "An address with user and password would be stored in the image and shown to "
	  "everybody who can read it. Keep the password in the build machine's own "
	  "configuration."),
	E("E210", "key without meaning here",
	  "The key means something only beside another one, or in another mode. It is "
	  "refused so that nobody believes in its effect."),
	E("E211", "name twice",
	  "Two secrets, tests, jobs, models, or ports of a job, or a secret and a variable "
	  "have one name."),
	E("E212", "name for TEE chutes",
	  "The hosted platform reserves names that contain TEE for chutes with "
	  "'security: {tee: true}'."),
	E("E213", "public chute, private image",
	  "A public chute needs a public image. Without 'image.public' the image "
	  "follows the chute."),
	E("E214", "cords and jobs",
	  "A chute has cords, which answer requests, or jobs, which are run now and then. "
	  "The platform does not take both."),
	E("E215", "argument of the template",
	  "The template starts the engine with its own host, port, key, revision and served "
	  "name, and adds a flag for tensor parallelism when it does not find the one that "
	  "it knows. The same flag a second time would stop the engine, or be lost."),
	E("E216", "quote not closed",
	  "One text of 'engine_args' is split into words at blanks. A quote, single or double, "
	  "opens at the start of a word or behind its '=', and must be closed. A list of words "
	  "needs no quotes but YAML's own."),
	E("E220", "file not usable",
	  "A file that the spec names does not exist, cannot be read, or is not what it "
	  "must be. Paths start at the directory of the spec; sources of steps and "
	  "requirements files start at 'image.context.root'."),
	E("E221", "outside of the project",
	  "A file of a step must lie in the build context, any other file there or in "
	  "the directory of the spec, also after symbolic links are followed. A spec "
	  "from a stranger can so never carry away other files."),
	E("E222", "file too large",
	  "The code of a chute may have 150000 characters, a readme 16384, a logo 2 "
	  "MiB."),
	E("E223", "no such function",
	  "The Python file does not define a function that the spec names. The file is "
	  "read, never run: names on its own level count, imported ones too; a file "
	  "with 'from … import *' is not checked."),
	E("E224", "source without files",
	  "A source with wildcards matches no file of the build context."),
	E("E225", "not Python",
	  "The Python file cannot be read: a bracket or string is not closed, the "
	  "indentation does not fit, a definition is not complete, or it is in another "
	  "encoding than UTF-8. Python would refuse it, too, or the platform would store "
	  "something else."),
	E("E226", "generator and stream",
	  "A streaming cord sends what its function yields, so the function is a "
	  "generator ('yield' in a 'def' or 'async def'), and every generator needs "
	  "'stream: true'. Hooks and jobs are run to their end and cannot be generators."),
	E("E227", "parameters that do not fit",
	  "A cord's function is called with the chute and, when there is a body, with "
	  "that; a hook with the chute only; a job with the chute, its arguments by name, "
	  "and 'output_dir'. Parameters beyond those need defaults."),
	E("E228", "name of something else",
	  "The spec names a function, and the Python file has a class or a value of that "
	  "name; or it names a pydantic model, and the file has a function or a class that "
	  "is none. Imported, decorated and conditional definitions are not judged."),
	E("E229", "name of the generated code",
	  "The code that is generated behind the Python file defines 'chute' and names "
	  "that start with '_chutes_'. The file cannot use them for itself; mode 'python' "
	  "takes a module that makes its own chute."),
	E("E230", "unknown GPU",
	  "No GPU has this name. Names are short: 4090, a100, h100_sxm, pro_6000."),
	E("E231", "no GPU left",
	  "No GPU satisfies include, exclude, memory and price together. The hint names "
	  "the changes of which each would be enough by itself."),
	E("E232", "reserved GPUs only",
	  "The hosted platform does not accept a selector that leaves b200 and mi300x "
	  "only."),
	E("E233", "consumer GPUs only",
	  "The hosted platform does not accept a selector that leaves 3090, 4090 and "
	  "5090 only."),
	E("E234", "included and excluded",
	  "A GPU stands in both lists. Remove it from 'include' or from 'exclude'."),
	E("E235", "GPU twice", "A GPU stands twice in include, or twice in exclude."),
	E("E236", "GPU rule without GPU",
	  "'gpu_count: 0' means CPU only. The other keys of node_selector choose among "
	  "GPUs and mean nothing then."),
	E("E237", "module that is not in the image",
	  "The Python file imports a module that lies beside it. Only the file itself is "
	  "uploaded; everything else that it imports must be in the image, where an 'add' "
	  "step puts it into the working directory /app."),
	E("E238", "relative import",
	  "The Python file is the only one that is uploaded and belongs to no package, so "
	  "'from . import name' fails when it is loaded. Add the module to the image with "
	  "an 'add' step and import it by its name."),
	E("E240", "cannot be built here yet",
	  "Building on this machine uses what is on this machine: a Debian base, an OCI "
	  "layout, an archive, a root file system, scratch, and files of the context, for "
	  "its own kind of processor. Pulling from a registry, fetching addresses, "
	  "Dockerfiles, 'raw' steps and mounts of 'run' steps are not supported yet."),
	W("W301", "never called by the platform",
	  "The hosted platform does not call shutdown functions; local runs do. Do not "
	  "rely on them for anything that must happen."),
	W("W302", "Python from source",
	  "'image.python' compiles Python with its optimizations in every build that has no "
	  "cached result, which takes ten minutes and more. A base that has the right "
	  "Python, such as parachutes/python:3.12, needs none of it."),
	W("W303", "entrypoint is cleared",
	  "The hosted platform starts the chute by itself and clears the image's "
	  "entrypoint."),
	W("W304", "path outside of the SDK",
	  "The Python SDK takes forwarded paths of lower-case letters, digits, '_' and "
	  "'-' only. Generated code sets this one in another way; other tools may "
	  "refuse it."),
	W("W305", "no GPU",
	  "'gpu_count: 0' is for local runs and for servers of your own: the hosted "
	  "platform is known to refuse it."),
	W("W306", "changes the platform",
	  "The platform sets this variable itself; another value can make models load "
	  "from a place without a cache, or hide the GPUs."),
	W("W307", "not buildable here yet",
	  "The hosted platform can build this; this version of chutes cannot yet, "
	  "because it does not fetch anything from registries or addresses."),
	W("W308", "secret in the spec",
	  "The value looks like a secret. Specs are kept in repositories and sent to "
	  "servers. Name the secret under 'secrets' and set its value where the chute "
	  "runs."),
	W("W309", "base that the platform does not build on",
	  "The hosted platform builds images from those of parachutes/, from scratch, and "
	  "from earlier stages of the same Dockerfile only. Local builds and servers of "
	  "your own take any base."),
	W("W310", "schema not known",
	  "The schema of a class or of a function cannot be told without running the Python "
	  "file: it comes from elsewhere, or depends on values that are computed. It is sent "
	  "without one; nothing else changes. Write it as fields in the spec, or simplify the "
	  "class, to have it shown."),
	W("W311", "model without revision",
	  "The model is named, but not which commit of it: it could change under the chute. "
	  "The model's page lists its commits, each with 40 hex digits. The templates for "
	  "language models cannot be rendered or deployed without."),
	W("W312", "schema not enforced",
	  "The runtime checks requests against pydantic classes only, and field maps become such "
	  "classes. A JSON Schema file is shown to callers, but any request reaches the function. "
	  "In server mode the process behind the chute is expected to check."),
	W("W314", "name not in the module",
	  "In python mode the spec and the module must give the chute the same name, and "
	  "the module, which is read and never run, does not hold this one as a text. It "
	  "may put the name together when it runs; then this can be allowed."),
	W("W315", "module that nothing installs",
	  "The Python file imports a module that is neither Python's own nor brought by a "
	  "step of the image. This is only said of images whose whole content is known: "
	  "Debian bases with steps that install well-known packages. Put an import that "
	  "may be missing into 'try'."),
	W("W316", "lock that is out of date",
	  "chute.lock beside the spec says something else than the spec and this program do, or "
	  "cannot be read: another version of the platform's SDK, other figures of the GPUs, "
	  "other commits of the models. 'chutes lock --check' shows the difference, 'chutes "
	  "lock' writes the file again. What is checked here needs no look at the base."),
	W("W317", "repaired while importing",
	  "'chutes import' wrote something else than the module says, because the SDK has "
	  "changed since, or because what counts is written differently here: a revision that "
	  "stood among the engine's arguments, a template that was renamed, a value that "
	  "depends on the machine. Read it, then remove the comment."),
	W("W318", "left out while importing",
	  "'chutes import' could not carry this over, or the SDK itself ignored it: an argument "
	  "that it does not know, a file that is not there, code that runs only on the "
	  "platform. The comment above the place in the spec says what may have been meant."),

	I("I101", "no CUDA",
	  "The spec asks for GPUs, and nothing of CUDA was found in the image: no toolkit, "
	  "no runtime library, no Python package that brings one, and no variable of "
	  "NVIDIA's images. Start from an image that has it, install it with a pip or apt "
	  "step, or write 'gpu_count: 0' when the chute needs no GPU."),
	I("I102", "CUDA outside of 12.2 to 12.6",
	  "The platform's machines have drivers for CUDA 12.2 to 12.6. An older CUDA is "
	  "refused. A newer one may start, because drivers of one major version take "
	  "programs of later minor ones, but not all of its features work."),
	I("I103", "a driver library in the image",
	  "libcuda.so and its relatives belong to the driver of the machine and are put "
	  "into the container when it starts. A copy in the image hides them, and fails "
	  "with 'driver version is insufficient' or a crash. Remove the package that "
	  "brought it."),
	I("I111", "Python absent or too old",
	  "The platform starts a chute with the image's own Python, which must be 3.10 or "
	  "newer and on PATH."),
	I("I112", "no pip",
	  "The platform installs its runtime with the image's pip. A program pip or pip3 "
	  "must be on PATH."),
	I("I113", "no program 'python'",
	  "The platform calls 'python', not 'python3'. On Debian the package "
	  "python-is-python3 is the link from one to the other."),
	I("I121", "no user 'chutes'",
	  "The platform runs chutes as the user 'chutes', which must be in the image's "
	  "/etc/passwd."),
	I("I122", "final user is root",
	  "The last user of the image is root. The platform runs chutes as the user "
	  "chutes."),
	I("I123", "working directory",
	  "The platform mounts code at /app and expects it to be the image's working "
	  "directory."),
	I("I124", "no /bin/sh",
	  "Steps of the platform, and 'run' steps, go through /bin/sh, which is not there "
	  "or cannot be executed."),
	I("I125", "no curl",
	  "The platform asks the chute for its health with the image's curl, which must be "
	  "on PATH."),

	D("D101", ERROR, USAGE, "settings that cannot be used",
	  "A file of settings has a line that means nothing here, or settings contradict each "
	  "other. Every command that needs the settings stops at it, because a setting that is "
	  "silently ignored may be the one that keeps a key from the wrong server. 'chutes help "
	  "settings' lists what there is."),
	D("D102", ERROR, AUTH, "a secret that others can read",
	  "A file with a seed, a key or an API key has a mode that lets others than its owner "
	  "read it. Who has read a hotkey can sign as you. 'chutes doctor --fix' takes the mode "
	  "away; if others use this machine, think about a new key."),
	D("D103", WARNING, AUTH, "settings that others can change",
	  "Others than you may write a file of settings, or its directory. Who can do that can "
	  "send your requests to a server of his own. Where anybody can, the settings are not "
	  "used. 'chutes doctor --fix' takes that away."),
	D("D111", ERROR, AUTH, "a key file that cannot be used",
	  "A file of a wallet cannot be read, is damaged, or its parts do not agree: the address "
	  "in it is not that of its seed, for instance. The message names the part. A hotkey can "
	  "be made again from its words: 'chutes wallet import'."),
	D("D112", ERROR, AUTH, "two files of one key disagree",
	  "Beside each secret file is a public one, for tools that only need the address. Here "
	  "they say different addresses, so tools take you for two different users. The secret "
	  "file is the one that signs."),
	D("D113", ERROR, AUTH, "the hotkey cannot sign",
	  "The settings name a hotkey that is not there, cannot be read, or is another one than "
	  "they say it is. 'chutes config list --show-origin' shows who names it."),
	D("D121", ERROR, NETWORK, "a proxy that is none",
	  "A variable such as https_proxy has a value that is no address. What reaches the "
	  "network through it fails, build steps too."),
	D("D122", WARNING, NETWORK, "proxies that contradict each other",
	  "A variable exists in small and in capital letters with different values. Programs "
	  "differ in which they take; chutes takes the small one."),
	D("D131", ERROR, NETWORK, "the server cannot be reached",
	  "The server of the profile did not answer: its name is not known, nobody listens, a "
	  "firewall or proxy is between, or its certificate is not one that this machine "
	  "trusts."),
	D("D132", WARNING, SERVER, "the server has a fault",
	  "The server answers, and says that something is wrong with it."),
	D("D133", ERROR, AUTH, "the clock is wrong",
	  "A signature holds for some minutes around the time that it names. When the clocks of "
	  "this machine and of the server are more than ten minutes apart, every signed request "
	  "is refused; from five on it is a warning."),
	D("D134", WARNING, AUTH, "requests cannot be signed for this server",
	  "Signatures go only where they cannot be misused: to the server of the profile, by "
	  "https unless it is this machine, in the scheme that the profile says."),
	D("D141", ERROR, MISSING, "no OCI runtime",
	  "Steps of a build and chutes run in containers, which the program crun makes, or "
	  "runc. Another one is named by CHUTES_RUNTIME or --runtime."),
	D("D142", ERROR, MISSING, "no namespaces",
	  "The kernel, or a container or filter around this program, does not let this user make "
	  "namespaces, of which containers consist."),
	D("D143", WARNING, MISSING, "one user id only",
	  "Without a range of ids in /etc/subuid and /etc/subgid, and the programs newuidmap and "
	  "newgidmap, a container has one user, root, and every change of owner in it is only "
	  "pretended. Most images build and run so; a program that checks owners may not."),
	D("D144", ERROR, MISSING, "a container does not start",
	  "A trial as 'chutes build' does it for a step: namespaces, overlayfs on the disk of "
	  "the store, the OCI runtime, a shell. What failed is in the message."),
	D("D151", WARNING, MISSING, "chutes get no network of their own",
	  "With pasta (package passt) or slirp4netns a chute has a network of its own, so that "
	  "its ports do not collide with others and its egress can be locked once it is ready, "
	  "as on the platform. Without, it runs in the network of this machine."),
	D("D152", ERROR, MISSING, "network settings that cannot be lent",
	  "Build steps are lent the proxies, authorities and settings of pip and apt of this "
	  "machine while they run. One of these cannot be read. 'chutes build "
	  "--no-host-network-config' lends nothing."),
	D("D161", ERROR, MISSING, "a Debian base cannot be made",
	  "'base: {debian: bookworm}', which a new chute has, is made by mmdebstrap from the "
	  "archives of Debian, whose signatures are checked with the keys of the package "
	  "debian-archive-keyring. Other bases need neither."),
	D("D171", WARNING, MISSING, "a GPU without its driver",
	  "There is a GPU of NVIDIA's, and its kernel module or the library libcuda.so.1 is not "
	  "there, so no program can use it."),
	D("D172", WARNING, MISSING, "a GPU that containers cannot have",
	  "What a container needs of a driver is described by CDI, in /etc/cdi or /var/run/cdi. "
	  "The NVIDIA container toolkit writes it: 'nvidia-ctk cdi generate', again after each "
	  "change of the driver."),
	D("D181", WARNING, FAILURE, "little space for images",
	  "Less than 5 GiB are free on the disk of the store. An image with a framework for GPUs "
	  "alone takes more. Below 1 GiB it is an error."),
	D("D182", ERROR, FAILURE, "the store cannot be used",
	  "The directory of images is somebody else's, of a newer version, damaged, or no store "
	  "at all. --store and CHUTES_STORE name another one."),
	D("D191", ERROR, SPEC, "the spec here is wrong",
	  "'chutes validate' shows every error of the chute.yaml in this directory."),
	D("D201", WARNING, MISSING, "no Python for imports",
	  "'chutes import' reads a module of the Python SDK with the Python of this machine, "
	  "3.10 or newer. Nothing else needs one here: chutes run with that of their image."),
	D("D202", WARNING, MISSING, "a library that is not here",
	  "Some libraries are opened when they are first needed. Without libcurl nothing can be "
	  "asked or called; without the others it takes longer."),
};

const struct finding_row *finding_row_at(size_t i) { return i < array_len(rows) ? &rows[i] : NULL; }

const struct finding_row *finding_row_find(const char *code)
{
	for (size_t i = 0; i < array_len(rows); i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}
