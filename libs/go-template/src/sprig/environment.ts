import { aString, fn1 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { string } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import { goString, textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** sprig's functions for the environment, on the variables that are given alone. */
export function environmentFunctions(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, GoFunction>> {
  const valueOf = (name: GoString): GoString => {
    const asked = textOf(name);
    if (Object.hasOwn(env, asked)) return goString(env[asked] ?? '');
    throw new GoError(
      goString(`the variable ${JSON.stringify(asked)} is none of those allowed: ${Object.keys(env).join(', ')}`),
    );
  };
  return {
    env: fn1(aString, (name) => string(valueOf(name))),
    expandenv: fn1(aString, (text) => string(expanded(text, valueOf))),
  };
}

/** The parameters that a shell sets for itself, which no program's environment has. */
const SHELL_PARAMETER = /^[*#$@!?\-0-9]$/;

/**
 * Go's `os.Expand`: `$NAME` and `${NAME}`; `${}` and a `${` that nothing closes are left out.
 *
 * @see https://pkg.go.dev/os#Expand
 */
function expanded(text: GoString, valueOf: (name: GoString) => GoString): GoString {
  return text.replace(
    /\$(?:\{([^}]*)\}|\{|([*#$@!?\-0-9]|[A-Za-z_][A-Za-z0-9_]*))/g,
    (_reference, braced: GoString | undefined, plain: GoString | undefined) => {
      const name = braced ?? plain ?? '';
      return name === '' || SHELL_PARAMETER.test(name) ? '' : valueOf(name);
    },
  );
}
