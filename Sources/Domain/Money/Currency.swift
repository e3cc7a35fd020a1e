/// An ISO 4217 alphabetic code with its minor-unit exponent.
///
/// - Shape: three ASCII capitals packed into one integer, so that comparing currencies costs one instruction.
/// - Source: ISO 4217 list one (2026), and DEM for historic statements.
package struct Currency: Hashable, Sendable {
    let packed: UInt32

    package static let eur = Currency("EUR")!
    package static let gbp = Currency("GBP")!
    package static let usd = Currency("USD")!
    package static let jpy = Currency("JPY")!
    package static let kwd = Currency("KWD")!

    /// - Returns: nil for a code that is not on the list.
    package init?(_ code: String) { self.init(bytes: code.utf8) }

    package init?(utf8 code: UnsafeBufferPointer<UInt8>) { self.init(bytes: code) }

    private init?(bytes code: some Collection<UInt8>) {
        guard let packed = Self.pack(code), Self.exponents[Self.place(of: packed)] >= 0 else { return nil }
        self.packed = packed
    }

    package init?(_ code: some StringProtocol) { self.init(String(code)) }

    package var code: String {
        String(unsafeUninitializedCapacity: 3) { buffer in
            for at in 0..<3 { buffer[at] = letter(at) }
            return 3
        }
    }

    /// Decimal digits of the minor unit: EUR 2, JPY 0, KWD 3, CLF 4.
    package var exponent: Int { Int(Self.exponents[Self.place(of: packed)]) }

    /// Ten-thousandths of the major unit in one minor unit: EUR 100, JPY 10,000.
    package var minorTenThousandths: Int64 {
        switch exponent {
        case 0: 10_000
        case 3: 10
        case 4: 1
        default: 100
        }
    }

    /// One of the code's three letters.
    func letter(_ at: Int) -> UInt8 { UInt8(truncatingIfNeeded: packed >> UInt32(16 - 8 * at)) }

    /// Every code on the list, in alphabetical order.
    package static let codes: [String] = [none, two, three, four].flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        .sorted()

    private static func pack(_ code: some Collection<UInt8>) -> UInt32? {
        guard code.count == 3, code.allSatisfy({ (65...90).contains($0) }) else { return nil }
        return code.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Where a code stands among all that three letters make.
    private static func place(of packed: UInt32) -> Int {
        func letter(_ shift: UInt32) -> Int { Int(packed >> shift & 0xFF) - 65 }
        return (letter(16) * 26 + letter(8)) * 26 + letter(0)
    }

    /// By the code's place; below zero for a code that is not on the list.
    private static let exponents: [Int8] = {
        var exponents = [Int8](repeating: -1, count: 26 * 26 * 26)
        for (exponent, codes) in [(0, none), (2, two), (3, three), (4, four)] {
            for code in codes.split(whereSeparator: \.isWhitespace) { exponents[place(of: pack(String(code).utf8)!)] = Int8(exponent) }
        }
        return exponents
    }()

    private static let none = """
        BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
        """
    private static let two = """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COP COU CRC CUP CVE CZK DEM DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
        HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
        MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
        SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XCD XCG YER ZAR ZMW ZWG
        """
    private static let three = "BHD IQD JOD KWD LYD OMR TND"
    private static let four = "CLF UYW"
}
