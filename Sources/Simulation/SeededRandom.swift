/// Random numbers that a seed repeats on every platform and in every release.
///
/// - Source: SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// Numbers of their own for each text, whatever was drawn for another.
    ///
    /// - Source: 64-bit FNV-1a over the text's UTF-8, seeded.
    package init(seed: UInt64, about text: String) {
        var hash = SeededRandom(seed: seed).peek ^ 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        state = SeededRandom(seed: hash).peek
    }

    private var peek: UInt64 {
        var copy = self
        return copy.next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0…`bound` − 1; the bias is below `bound` ÷ 2^64.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    package mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    package mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    /// - Parameter choices: Not empty.
    package mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }
}
