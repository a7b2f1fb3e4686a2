// The whole text of the errors found while evaluating, carets and hints included.
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
    {R"#(1 / (epoch - 7))#",
     R"#(a.yaml:2:13: error: division by zero in targets[0].weight: '1 / (epoch - 7)'
  - weight: 1 / (epoch - 7)
              ^
  hint: with epoch = 7
)#"},
    {R"#(sqrt(t - 1))#",
     R"#(a.yaml:2:11: error: domain error, sqrt(-0.5), in targets[0].weight: 'sqrt(t - 1)'
  - weight: sqrt(t - 1)
            ^~~~~~~~~~~
  hint: with t = 0.5
)#"},
    {R"#('a' + 1)#",
     R"#(a.yaml:2:15: error: cannot compute str + int in targets[0].weight: "'a' + 1"
  - weight: 'a' + 1
                ^
)#"},
    {R"#('a' < 1)#",
     R"#(a.yaml:2:15: error: cannot compare str < int in targets[0].weight: "'a' < 1"
  - weight: 'a' < 1
                ^
)#"},
    {R"#([1, 2][5])#",
     R"#(a.yaml:2:17: error: index 5 is out of range (length 2) in targets[0].weight: '[1, 2][5]'
  - weight: [1, 2][5]
                  ^~~
)#"},
    {R"#({'a': 1}['b'])#",
     R"#(a.yaml:2:19: error: no key 'b' in the dict in targets[0].weight: "{'a': 1}['b']"
  - weight: {'a': 1}['b']
                    ^~~~~
)#"},
    {R"#({[1]: 2})#",
     R"#(a.yaml:2:11: error: list cannot be the key of a dict in targets[0].weight: '{[1]: 2}'
  - weight: {[1]: 2}
            ^
)#"},
    {R"#(log(0))#",
     R"#(a.yaml:2:11: error: domain error, log(0), in targets[0].weight: 'log(0)'
  - weight: log(0)
            ^~~~~~
)#"},
    {R"#(0 ** -1)#",
     R"#(a.yaml:2:13: error: division by zero, a negative power of zero, in targets[0].weight: '0 ** -1'
  - weight: 0 ** -1
              ^~
)#"},
    {R"#((-8) ** .5)#",
     R"#(a.yaml:2:16: error: domain error, a negative number to a fractional power, in targets[0].weight: '(-8) ** .5'
  - weight: (-8) ** .5
                 ^~
)#"},
    {R"#(exp(1000))#",
     R"#(a.yaml:2:11: error: result too large in targets[0].weight: 'exp(1000)'
  - weight: exp(1000)
            ^~~~~~~~~
)#"},
    {R"#(10. ** 400)#",
     R"#(a.yaml:2:15: error: result too large in targets[0].weight: '10. ** 400'
  - weight: 10. ** 400
                ^~
)#"},
    {R"#(int('x'))#",
     R"#(a.yaml:2:11: error: int cannot read 'x' in targets[0].weight: "int('x')"
  - weight: int('x')
            ^~~~~~~~
)#"},
    {R"#(int(nan))#",
     R"#(a.yaml:2:11: error: nan is no integer in targets[0].weight: 'int(nan)'
  - weight: int(nan)
            ^~~~~~~~
)#"},
    {R"#(randint(3, 1))#",
     R"#(a.yaml:2:11: error: randint has nothing to draw from: 3 is above 1 in targets[0].weight: 'randint(3, 1)'
  - weight: randint(3, 1)
            ^~~~~~~~~~~~~
)#"},
    {R"#(choice([]))#",
     R"#(a.yaml:2:11: error: choice has nothing to draw from in targets[0].weight: 'choice([])'
  - weight: choice([])
            ^~~~~~~~~~
)#"},
    {R"#(factorial(-1))#",
     R"#(a.yaml:2:11: error: factorial needs numbers that are not negative, not -1 in targets[0].weight: 'factorial(-1)'
  - weight: factorial(-1)
            ^~~~~~~~~~~~~
)#"},
    {R"#(factorial(2.5))#",
     R"#(a.yaml:2:11: error: factorial needs int, not float in targets[0].weight: 'factorial(2.5)'
  - weight: factorial(2.5)
            ^~~~~~~~~~~~~~
)#"},
    {R"#(gcd(2.5))#",
     R"#(a.yaml:2:11: error: gcd needs int, not float in targets[0].weight: 'gcd(2.5)'
  - weight: gcd(2.5)
            ^~~~~~~~
)#"},
    {R"#(-'a')#",
     R"#(a.yaml:2:11: error: bad operand for unary -: str in targets[0].weight: "-'a'"
  - weight: -'a'
            ^
)#"},
    {R"#(sorted([1, 'a']))#",
     R"#(a.yaml:2:11: error: cannot compare str < int in targets[0].weight: "sorted([1, 'a'])"
  - weight: sorted([1, 'a'])
            ^~~~~~~~~~~~~~~~
)#"},
    {R"#(sum(['a']))#",
     R"#(a.yaml:2:11: error: sum needs numbers, not str in targets[0].weight: "sum(['a'])"
  - weight: sum(['a'])
            ^~~~~~~~~~
)#"},
    {R"#(min([]))#",
     R"#(a.yaml:2:11: error: min of nothing in targets[0].weight: 'min([])'
  - weight: min([])
            ^~~~~~~
)#"},
    {R"#(len(3))#",
     R"#(a.yaml:2:11: error: int has no length in targets[0].weight: 'len(3)'
  - weight: len(3)
            ^~~~~~
)#"},
    {R"#(1 is 2)#",
     R"#(a.yaml:2:13: error: 'is' is for None, True and False only, values are compared with '==', in targets[0].weight: '1 is 2'
  - weight: 1 is 2
              ^~
)#"},
    {R"#(res[1:2:0])#",
     R"#(a.yaml:2:14: error: the step of a slice cannot be 0 in targets[0].weight: 'res[1:2:0]'
  - weight: res[1:2:0]
               ^~~~~~~
  hint: with res = [640, 480]
)#"},
    {R"#(res['a'])#",
     R"#(a.yaml:2:14: error: an index must be int, not str in targets[0].weight: "res['a']"
  - weight: res['a']
               ^~~~~
  hint: with res = [640, 480]
)#"},
    {R"#(1 in 5)#",
     R"#(a.yaml:2:13: error: cannot look for something in int in targets[0].weight: '1 in 5'
  - weight: 1 in 5
              ^~
)#"},
    {R"#(1/(lr - .25) + res[0] * t2)#",
     R"#(a.yaml:2:12: error: division by zero in targets[0].weight: '1/(lr - .25) + res[0] * t2'
  - weight: 1/(lr - .25) + res[0] * t2
             ^
  hint: with lr = 0.25, res = [640, 480], t2 = 0.25
)#"},
    {R"#(time_step(0, 'a'))#",
     R"#(a.yaml:2:11: error: time_step needs numbers, not str in targets[0].weight: "time_step(0, 'a')"
  - weight: time_step(0, 'a')
            ^~~~~~~~~~~~~~~~~
  hint: with time = 0.5
)#"},
    {R"#('é' + 1/0)#",
     R"#(a.yaml:2:18: error: division by zero in targets[0].weight: "'é' + 1/0"
  - weight: 'é' + 1/0
                   ^
)#"},
    {R"#(x is not 3)#",
     R"#(a.yaml:2:13: error: 'is' is for None, True and False only, values are compared with '==', in targets[0].weight: 'x is not 3'
  - weight: x is not 3
              ^~~~~~
  hint: with x = 0.125
)#"},
    {R"#(1 < 'a')#",
     R"#(a.yaml:2:13: error: cannot compare int < str in targets[0].weight: "1 < 'a'"
  - weight: 1 < 'a'
              ^
)#"},
    {R"#([1][10000000000])#",
     R"#(a.yaml:2:14: error: index 10000000000 is out of range (length 1) in targets[0].weight: '[1][10000000000]'
  - weight: [1][10000000000]
               ^~~~~~~~~~~~~
)#"},
    {R"#('abc'[9])#",
     R"#(a.yaml:2:16: error: index 9 is out of range (length 3) in targets[0].weight: "'abc'[9]"
  - weight: 'abc'[9]
                 ^~~
)#"},
    {R"#('a' in 3)#",
     R"#(a.yaml:2:15: error: cannot look for something in int in targets[0].weight: "'a' in 3"
  - weight: 'a' in 3
                ^~
)#"},
    {R"#(3 in 'abc')#",
     R"#(a.yaml:2:13: error: cannot look for int in str in targets[0].weight: "3 in 'abc'"
  - weight: 3 in 'abc'
              ^~
)#"},
    {R"#(ulp('x'))#",
     R"#(a.yaml:2:11: error: ulp needs numbers, not str in targets[0].weight: "ulp('x')"
  - weight: ulp('x')
            ^~~~~~~~
)#"},
    {R"#(dist([1], [1, 2]))#",
     R"#(a.yaml:2:11: error: dist needs two points with the same number of coordinates in targets[0].weight: 'dist([1], [1, 2])'
  - weight: dist([1], [1, 2])
            ^~~~~~~~~~~~~~~~~
)#"},
};
// clang-format on

TEST(EvaluateMessages, AreWhole) {
    for (const auto& c : kCases) EXPECT_EQ(error_of(c.text), c.error) << c.text;
}

}  // namespace
}  // namespace clipig::test
