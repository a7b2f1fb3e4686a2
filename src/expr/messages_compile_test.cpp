// The whole text of the errors found while compiling, carets and hints included.
#include <gtest/gtest.h>

#include "expr/test_support.h"

namespace clipig::test {
namespace {

struct Case {
    const char* text;
    const char* error;
};

// clang-format off
constexpr Case kCases[] = {
    {R"#(tt * 2)#",
     R"#(a.yaml:2:11: error: unknown name 'tt' in targets[0].weight
  - weight: tt * 2
            ^~
  hint: did you mean 't'?
)#"},
    {R"#(1 +)#",
     R"#(a.yaml:2:14: error: the expression ends where a value should be in targets[0].weight
  - weight: 1 +
               ^
)#"},
    {R"#((1 + 2)#",
     R"#(a.yaml:2:11: error: '(' is never closed in targets[0].weight
  - weight: (1 + 2
            ^
  hint: add ')'
)#"},
    {R"#([1, 2)#",
     R"#(a.yaml:2:11: error: '[' is never closed in targets[0].weight
  - weight: [1, 2
            ^
  hint: add ']'
)#"},
    {R"#())#",
     R"#(a.yaml:2:11: error: expected a value, not ')' in targets[0].weight
  - weight: )
            ^
)#"},
    {R"#(1 2)#",
     R"#(a.yaml:2:13: error: expected an operator or the end, not '2' in targets[0].weight
  - weight: 1 2
              ^
)#"},
    {R"#(2t)#",
     R"#(a.yaml:2:11: error: '2t' is no number in targets[0].weight
  - weight: 2t
            ^~
  hint: a product is written 2*t
)#"},
    {R"#(t ^ 2)#",
     R"#(a.yaml:2:13: error: '^' is no operator in targets[0].weight
  - weight: t ^ 2
              ^
  hint: a power is written '**'
)#"},
    {R"#(t = 1)#",
     R"#(a.yaml:2:13: error: expected an operator or the end, not '=' in targets[0].weight
  - weight: t = 1
              ^
  hint: to compare, write '=='
)#"},
    {R"#(t == 1 && lr)#",
     R"#(a.yaml:2:18: error: '&&' is no operator in targets[0].weight
  - weight: t == 1 && lr
                   ^~
  hint: write 'and'
)#"},
    {R"#('abc)#",
     R"#(a.yaml:2:11: error: this string has no end in targets[0].weight
  - weight: 'abc
            ^
  hint: close it with '
)#"},
    {R"#(sin)#",
     R"#(a.yaml:2:11: error: 'sin' is a function in targets[0].weight
  - weight: sin
            ^~~
  hint: call it: sin(x)
)#"},
    {R"#(sin(1, 2))#",
     R"#(a.yaml:2:11: error: sin takes 1 argument, not 2 in targets[0].weight
  - weight: sin(1, 2)
            ^~~~~~~~~
  hint: sin(x)
)#"},
    {R"#(sin())#",
     R"#(a.yaml:2:11: error: sin takes 1 argument, not 0 in targets[0].weight
  - weight: sin()
            ^~~~~
  hint: sin(x)
)#"},
    {R"#(round(1, digits=2))#",
     R"#(a.yaml:2:20: error: round has no parameter 'digits' in targets[0].weight
  - weight: round(1, digits=2)
                     ^~~~~~
  hint: round(number, ndigits=None)
)#"},
    {R"#(round(1, 2, 3))#",
     R"#(a.yaml:2:11: error: round takes 1 to 2 arguments, not 3 in targets[0].weight
  - weight: round(1, 2, 3)
            ^~~~~~~~~~~~~~
  hint: round(number, ndigits=None)
)#"},
    {R"#(t(3))#",
     R"#(a.yaml:2:11: error: 't' is no function in targets[0].weight
  - weight: t(3)
            ^
  hint: a product is written with '*'
)#"},
    {R"#((1)(2))#",
     R"#(a.yaml:2:14: error: a value cannot be called in targets[0].weight
  - weight: (1)(2)
               ^
  hint: a product is written with '*'
)#"},
    {R"#(squrt(2))#",
     R"#(a.yaml:2:11: error: unknown function 'squrt' in targets[0].weight
  - weight: squrt(2)
            ^~~~~
  hint: did you mean 'sqrt'?
)#"},
    {R"#(random_scale(1))#",
     R"#(a.yaml:2:11: error: unknown function 'random_scale' in targets[0].weight
  - weight: random_scale(1)
            ^~~~~~~~~~~~
)#"},
    {R"#(math.foo(1))#",
     R"#(a.yaml:2:11: error: math has no 'foo' in targets[0].weight
  - weight: math.foo(1)
            ^~~~~~~~
)#"},
    {R"#(math.uniform(1, 2))#",
     R"#(a.yaml:2:11: error: math has no 'uniform' in targets[0].weight
  - weight: math.uniform(1, 2)
            ^~~~~~~~~~~~
  hint: it is uniform(a, b)
)#"},
    {R"#(d.keys())#",
     R"#(a.yaml:2:11: error: unknown name 'd' in targets[0].weight
  - weight: d.keys()
            ^
  hint: it sees time, resolution, learnrate, similarity, x and y; a text is written in quotes
a.yaml:2:13: error: unknown method 'keys' in targets[0].weight
  - weight: d.keys()
              ^~~~
  hint: there is only d.get(key, default) of a dict
)#"},
    {R"#({}.keys())#",
     R"#(a.yaml:2:14: error: unknown method 'keys' in targets[0].weight
  - weight: {}.keys()
               ^~~~
  hint: there is only d.get(key, default) of a dict
)#"},
    {R"#({}.get())#",
     R"#(a.yaml:2:14: error: get takes 1 or 2 arguments, not 0 in targets[0].weight
  - weight: {}.get()
               ^~~~~
  hint: get(key, default=None)
)#"},
    {R"#(lambda x: x)#",
     R"#(a.yaml:2:11: error: expected a value, not 'lambda' in targets[0].weight
  - weight: lambda x: x
            ^~~~~~
  hint: there are no lambdas
)#"},
    {R"#([x for x in res])#",
     R"#(a.yaml:2:14: error: expected an operator, ',' or ']', not 'for' in targets[0].weight
  - weight: [x for x in res]
               ^~~
  hint: there are no comprehensions and loops
)#"},
    {R"#(1 if 2)#",
     R"#(a.yaml:2:17: error: the expression ends where 'else' should be in targets[0].weight
  - weight: 1 if 2
                  ^
)#"},
    {R"#(a if)#",
     R"#(a.yaml:2:11: error: unknown name 'a' in targets[0].weight
  - weight: a if
            ^
  hint: it sees time, resolution, learnrate, similarity, x and y; a text is written in quotes
a.yaml:2:15: error: the expression ends where a value should be in targets[0].weight
  - weight: a if
                ^
)#"},
    {R"#(é + 1)#",
     R"#(a.yaml:2:11: error: unexpected character 'é' in targets[0].weight
  - weight: é + 1
            ^
)#"},
    {R"#(1 $ 2)#",
     R"#(a.yaml:2:13: error: unexpected character '$' in targets[0].weight
  - weight: 1 $ 2
              ^
)#"},
    {R"#(9223372036854775808)#",
     R"#(a.yaml:2:11: error: integer too large in targets[0].weight
  - weight: 9223372036854775808
            ^~~~~~~~~~~~~~~~~~~
  hint: an int has 64 bits; with a point it is a float
)#"},
    {R"#(007)#",
     R"#(a.yaml:2:11: error: '007' is no number in targets[0].weight
  - weight: 007
            ^~~
  hint: leave out the leading zeros
)#"},
    {R"#('\x1')#",
     R"#(a.yaml:2:12: error: the escape \x needs 2 hexadecimal digits in targets[0].weight
  - weight: '\x1'
             ^~~
)#"},
    {R"#(x.y)#",
     R"#(a.yaml:2:13: error: unknown method 'y' in targets[0].weight
  - weight: x.y
              ^
  hint: there is only d.get(key, default) of a dict
)#"},
    {R"#(t if sim > 2O else 1)#",
     R"#(a.yaml:2:22: error: '2O' is no number in targets[0].weight
  - weight: t if sim > 2O else 1
                       ^~
  hint: a product is written 2*O
)#"},
    {R"#(true)#",
     R"#(a.yaml:2:11: error: unknown name 'true' in targets[0].weight
  - weight: true
            ^~~~
  hint: did you mean 'True'?
)#"},
    {R"#(undefined + unknown2 + tt)#",
     R"#(a.yaml:2:11: error: unknown name 'undefined' in targets[0].weight
  - weight: undefined + unknown2 + tt
            ^~~~~~~~~
  hint: it sees time, resolution, learnrate, similarity, x and y; a text is written in quotes
a.yaml:2:23: error: unknown name 'unknown2' in targets[0].weight
  - weight: undefined + unknown2 + tt
                        ^~~~~~~~
  hint: it sees time, resolution, learnrate, similarity, x and y; a text is written in quotes
a.yaml:2:34: error: unknown name 'tt' in targets[0].weight
  - weight: undefined + unknown2 + tt
                                   ^~
  hint: did you mean 't'?
)#"},
    {R"#(uniform(1, b=2, b=3))#",
     R"#(a.yaml:2:27: error: 'b' is given twice in targets[0].weight
  - weight: uniform(1, b=2, b=3)
                            ^
  hint: uniform(a, b)
)#"},
    {R"#(sorted([1], rev=True))#",
     R"#(a.yaml:2:23: error: sorted has no parameter 'rev' in targets[0].weight
  - weight: sorted([1], rev=True)
                        ^~~
  hint: sorted(entries, *, reverse=False)
)#"},
    {R"#(sorted(reverse=1, [2]))#",
     R"#(a.yaml:2:29: error: expected a name with '=', as the arguments before, not '[' in targets[0].weight
  - weight: sorted(reverse=1, [2])
                              ^
)#"},
    {R"#(not)#",
     R"#(a.yaml:2:14: error: the expression ends where a value should be in targets[0].weight
  - weight: not
               ^
)#"},
    {R"#(and)#",
     R"#(a.yaml:2:11: error: expected a value, not 'and' in targets[0].weight
  - weight: and
            ^~~
)#"},
    {R"#(math.time)#",
     R"#(a.yaml:2:11: error: math has no 'time' in targets[0].weight
  - weight: math.time
            ^~~~~~~~~
)#"},
    {R"#(random.pi)#",
     R"#(a.yaml:2:11: error: random has no 'pi' in targets[0].weight
  - weight: random.pi
            ^~~~~~~~~
  hint: did you mean 'pi'?
)#"},
    {R"#({'a': 1)#",
     R"#(a.yaml:2:11: error: '{' is never closed in targets[0].weight
  - weight: {'a': 1
            ^
  hint: add '}'
)#"},
    {R"#({'a' 1})#",
     R"#(a.yaml:2:16: error: expected ':' between key and value, not '1' in targets[0].weight
  - weight: {'a' 1}
                 ^
)#"},
    {R"#(d.get)#",
     R"#(a.yaml:2:11: error: unknown name 'd' in targets[0].weight
  - weight: d.get
            ^
  hint: it sees time, resolution, learnrate, similarity, x and y; a text is written in quotes
a.yaml:2:16: error: the expression ends where '(' should be in targets[0].weight
  - weight: d.get
                 ^
)#"},
    {R"#(uniform(1))#",
     R"#(a.yaml:2:11: error: uniform takes 2 arguments, not 1 in targets[0].weight
  - weight: uniform(1)
            ^~~~~~~~~~
  hint: uniform(a, b)
)#"},
    {R"#(sim(2) + math.sine(1))#",
     R"#(a.yaml:2:11: error: 'sim' is no function in targets[0].weight
  - weight: sim(2) + math.sine(1)
            ^~~
  hint: a product is written with '*'
a.yaml:2:20: error: math has no 'sine' in targets[0].weight
  - weight: sim(2) + math.sine(1)
                     ^~~~~~~~~
  hint: did you mean 'sin'?
)#"},
    {R"#(sqrt(2)#",
     R"#(a.yaml:2:15: error: '(' is never closed in targets[0].weight
  - weight: sqrt(2
                ^
  hint: add ')'
)#"},
};
// clang-format on

TEST(CompileMessages, AreWhole) {
    for (const auto& c : kCases) EXPECT_EQ(error_of(c.text), c.error) << c.text;
}

}  // namespace
}  // namespace clipig::test
