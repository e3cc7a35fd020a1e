import Domain
import Testing

/// Payment references by the rules of their schemes, with the examples that are published with these.
@Suite struct CheckedReferenceTests {
    private static func number(_ scheme: CheckedReference, _ word: String) -> String? {
        scheme.number(in: Array(word.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            (.swiss, "210000000003139471430009017", "21000000000313947143000901"), (.luhn, "12344", "1234"),
            (.finnish, "1234561", "123456"), (.finnish, "13", "1"),
            (.luhnWithLength, "201912193", "2019121"), (.luhnWithLength, "48349187", "483491"),
            (.norwegian, "12343", "1234"), (.norwegian, "12345678903", "1234567890"), (.norwegian, "0129550", "012955"),
            (.norwegian, "0365327", "036532"), (.norwegian, "310", "31"), (.norwegian, "6-", "6"),
            (.norwegian, "4000002-", "4000002"),
            (.dutch, "5000056789012345", "000056789012345"), (.dutch, "12234534622567", "234534622567"), (.dutch, "970483491", "0483491"),
            (.belgian, "085192754115", "0851927541"), (.belgian, "090933755493", "0909337554"), (.belgian, "012345678939", "0123456789"),
            (.belgian, "000048354597", "0000483545"),
            (.slovenian, "SI120000004834917", "000000483491"), (.slovenian, "SI124834950", "483495"),
            (.croatian, "HR0120207891", "2020789"),
        ] as [(CheckedReference, String, String)])
    func carriesANumberUntilADigitSlips(scheme: CheckedReference, word: String, number: String) {
        #expect(Self.number(scheme, word) == number)
        let digits = Array(word.utf8)
        for place in digits.indices where place >= (word.hasPrefix("SI12") || word.hasPrefix("HR01") ? 4 : 0) {
            var slipped = digits
            slipped[place] = digits[place] == 57 ? 48 : digits[place] + 1
            let read = Self.number(scheme, String(decoding: slipped, as: UTF8.self))
            // In these two a check of ten shares its digit with another.
            if scheme != .dutch, scheme != .slovenian { #expect(read == nil, "\(scheme) \(word) at \(place)") }
        }
    }

    /// Lengths, letters and what the scheme cannot express.
    @Test(
        arguments: [
            (.norwegian, "7-"), (.norwegian, "-"), (.norwegian, "4000003-"), (.luhn, "6-"), (.norwegian, "60"),
            (.norwegian, "00000000000000000000012343"),
            (.luhnWithLength, "48349179"), (.luhnWithLength, "201912194"), (.luhnWithLength, "12344"), (.luhn, "12345"), (.luhn, "4"),
            (.luhn, ""),
            (.swiss, "210000000003139471430009018"), (.finnish, "1234562"), (.finnish, "12A4561"),
            (.dutch, "4000056789012345"), (.dutch, "2234534"), (.dutch, "12134534622567"), (.dutch, "500005678901234"),
            (.belgian, "085192754116"), (.belgian, "000048354500"), (.belgian, "85192754115"), (.belgian, "0085192754115"),
            (.slovenian, "0000004834917"), (.slovenian, "SI110000004834917"), (.slovenian, "SI12"), (.slovenian, "SI1200000004834917"),
            (.croatian, "20207891"), (.croatian, "HR0120207892"), (.croatian, "HR014834950"),
        ] as [(CheckedReference, String)])
    func carriesNone(scheme: CheckedReference, word: String) {
        #expect(Self.number(scheme, word) == nil)
    }
}
