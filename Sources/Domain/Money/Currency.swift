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
    package init?(_ code: String) {
        guard let packed = Self.pack(code.utf8), Self.exponents[packed] != nil else { return nil }
        self.packed = packed
    }

    package init?(_ code: some StringProtocol) { self.init(String(code)) }

    package var code: String {
        String(
            decoding: [UInt8(truncatingIfNeeded: packed >> 16), UInt8(truncatingIfNeeded: packed >> 8), UInt8(truncatingIfNeeded: packed)],
            as: UTF8.self)
    }

    /// Decimal digits of the minor unit: EUR 2, JPY 0, KWD 3, CLF 4.
    package var exponent: Int { Self.exponents[packed]! }

    /// Every code on the list, in alphabetical order.
    package static let codes: [String] = [none, two, three, four].flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        .sorted()

    private static func pack(_ code: String.UTF8View) -> UInt32? {
        guard code.count == 3, code.allSatisfy({ (65...90).contains($0) }) else { return nil }
        return code.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static let exponents: [UInt32: Int] = {
        var exponents: [UInt32: Int] = [:]
        for (exponent, codes) in [(0, none), (2, two), (3, three), (4, four)] {
            for code in codes.split(whereSeparator: \.isWhitespace) { exponents[pack(String(code).utf8)!] = exponent }
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
