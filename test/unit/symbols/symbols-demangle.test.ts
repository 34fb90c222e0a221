/** Mangled names and what they stand for. The C++ ones read as c++filt prints them; std::string and its kin stay short. */
import { describe, expect, test } from 'vitest';
import { demangle } from '../../../src/symbols/demangle.ts';

describe('Rust, legacy', () => {
  test.each([
    ['_ZN4core3fmt9Formatter3pad17h0123456789abcdefE', 'core::fmt::Formatter::pad'],
    ['__ZN4core3fmt9Formatter3pad17h0123456789abcdefE', 'core::fmt::Formatter::pad'],
    [
      '_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE',
      '<alloc::string::String as core::fmt::Display>::fmt',
    ],
    ['_ZN4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE', 'main::{{closure}}'],
    ['_ZN3foo3bar17h0123456789abcdefE.llvm.1234567890', 'foo::bar'],
    ['_ZN3foo3bar17h0123456789abcdefE.cold', 'foo::bar.cold'],
    ['_ZN4test31$RF$$BP$$LP$$RP$$C$$SP$$LT$$GT$17h0123456789abcdefE', 'test::&*(),@<>'],
  ])('%s', (mangled, expected) => {
    expect(demangle(mangled)).toBe(expected);
  });
});

describe('Rust, v0', () => {
  test.each([
    ['_RNvCs1234_7mycrate3foo', 'mycrate::foo'],
    ['_RNvNtCs1234_7mycrate3mod3foo', 'mycrate::mod::foo'],
    ['_RINvCs1234_7mycrate3fooiReE', 'mycrate::foo::<isize, &str>'],
    ['_RNvMCs1234_7mycrateNtB2_1S3foo', '<mycrate::S>::foo'],
    ['_RNvXCs1234_7mycrateNtB2_1SNtB2_1T3foo', '<mycrate::S as mycrate::T>::foo'],
    ['_RNCNvCs1234_7mycrate4main0B3_', 'mycrate::main::{closure#0}'],
    ['_RNCNvCs1234_7mycrate4mains0_0B3_', 'mycrate::main::{closure#2}'],
    ['_RINvC1a1fAhj4_EB2_', 'a::f::<[u8; 4]>'],
    ['_RINvC1a1fTlmEQSbEB2_', 'a::f::<(i32, u32), &mut [bool]>'],
    [
      '_RINvC1a1fPuOvDNtC1b1TEL_FUKClEuEB2_',
      'a::f::<*const (), *mut ..., dyn b::T, unsafe extern "C" fn(i32)>',
    ],
    ['_RINvC1a1fFG_RL0_hERL0_hEB2_', "a::f::<for<'a> fn(&'a u8) -> &'a u8>"],
    ['_RINvC1a1fDINtC1b1TlEp4ItemhEL_EB2_', 'a::f::<dyn b::T<i32, Item = u8>>'],
    ['_RINvC1a1fKanf_Kb1_Kc41_EB2_', "a::f::<-15, true, 'A'>"],
    ['_RNvC1au8gdel_5qa', 'a::gödel'],
    ['_RNvC1a3foo.llvm.123ABC', 'a::foo'],
  ])('%s', (mangled, expected) => {
    expect(demangle(mangled)).toBe(expected);
  });
});

describe('C++', () => {
  test.each([
    ['_Z3foov', 'foo()'],
    ['_Z3fooiPKcRSt6vectorIiSaIiEE', 'foo(int, char const*, std::vector<int, std::allocator<int> >&)'],
    ['_ZN2os6Thread3runEv', 'os::Thread::run()'],
    ['_ZNK2os6Thread4nameEv', 'os::Thread::name() const'],
    ['_ZNKR1A1fEv', 'A::f() const &'],
    ['_ZN1AC2ERKS_', 'A::A(A const&)'],
    ['_ZN1AD0Ev', 'A::~A()'],
    ['_ZN1AIiEC1EOS0_', 'A<int>::A(A<int>&&)'],
    ['_ZN1AcvbEv', 'A::operator bool()'],
    ['_ZN1AplERKS_', 'A::operator+(A const&)'],
    ['_ZlsRSoRK1A', 'operator<<(std::ostream&, A const&)'],
    ['_Znwm', 'operator new(unsigned long)'],
    ['_ZN1AixEj', 'A::operator[](unsigned int)'],
    ['_Zli3_kmd', 'operator"" _km(double)'],
    ['_Z1fIiEvT_', 'void f<int>(int)'],
    ['_Z1fIJidEEvDpRKT_', 'void f<int, double>(int const&, double const&)'],
    ['_Z1fIJEEvDpT_', 'void f<>()'],
    ['_Z1fILi5ELb1ELj3EEvv', 'void f<5, true, 3u>()'],
    ['_Z1fIL1E2EEvv', 'void f<(E)2>()'],
    ['_Z1fPFvivE', 'f(void (*)(int, void))'],
    ['_Z1fPFivE', 'f(int (*)())'],
    ['_Z1fRA3_i', 'f(int (&) [3])'],
    ['_Z1fPA3_A4_i', 'f(int (*) [3][4])'],
    ['_Z1fM1AKFivE', 'f(int (A::*)() const)'],
    ['_Z1fM1Ai', 'f(int A::*)'],
    ['_Z1fPPFvvE', 'f(void (**)())'],
    ['_Z1fOiz', 'f(int&&, ...)'],
    ['_Z1fIRiEvOT_', 'void f<int&>(int&)'],
    ['_Z1fSsSs', 'f(std::string, std::string)'],
    ['_ZNSt6vectorIiSaIiEE9push_backEOi', 'std::vector<int, std::allocator<int> >::push_back(int&&)'],
    ['_ZZ4mainE5count', 'main::count'],
    ['_ZZ4mainE5count_0', 'main::count'],
    ['_ZZ4mainENKUlvE_clEv', 'main::{lambda()#1}::operator()() const'],
    ['_ZN12_GLOBAL__N_13fooEv', '(anonymous namespace)::foo()'],
    ['_ZTV6Thread', 'vtable for Thread'],
    ['_ZTSN2os6ThreadE', 'typeinfo name for os::Thread'],
    ['_ZGVZ3foovE1x', 'guard variable for foo()::x'],
    ['_ZThn16_N1A1fEv', 'non-virtual thunk to A::f()'],
    ['_ZTv0_n24_N1A1fEv', 'virtual thunk to A::f()'],
    ['_Z3fooB5cxx11v', 'foo[abi:cxx11]()'],
    ['_Z3fooi.cold', 'foo(int) [clone .cold]'],
    ['_Z3fooi.isra.0.constprop.1', 'foo(int) [clone .isra.0] [clone .constprop.1]'],
    ['_ZL3bar', 'bar'],
    ['_Z1fDn', 'f(decltype(nullptr))'],
    ['_Z1fDv4_f', 'f(float __vector(4))'],
  ])('%s', (mangled, expected) => {
    expect(demangle(mangled)).toBe(expected);
  });
});

describe('left as they are', () => {
  test.each([
    'schedule',
    '',
    '_Z',
    '_ZN',
    '_R',
    '_Zuck',
    '_ZN3fo',
    '_Z3fooi extra',
    '_Z1fS_', // substitutes what was never there
    '_Z1fT_',
    '_RNvB_3foo', // refers to itself
    '_RNvC3foo',
    `_Z1f${'P'.repeat(2000)}i`,
    `_Z1f${'i'.repeat(5000)}`,
  ])('%s', (name) => {
    expect(demangle(name)).toBe(name);
  });

  test('a name that doubles with each of its types', () => {
    const number = (n: number) => (n === 0 ? 'S_' : `S${(n - 1).toString(36).toUpperCase()}_`);
    const types = (count: number) =>
      Array.from({ length: count }, (_, i) => `S0_I${number(i + 2)}${number(i + 2)}E`).join('');
    expect(demangle(`_Z1f1a4pairIS_S_E${types(1)}`)).toBe('f(a, pair<a, a>, pair<pair<a, a>, pair<a, a> >)');
    const bomb = `_Z1f1a4pairIS_S_E${types(60)}`;
    expect(demangle(bomb)).toBe(bomb);
  });
});
