/// Countries by their codes, checked wherever one comes in.
///
/// - Source: ISO 3166-1 alpha-2 (2025), its reserved `EU`, and its user-assigned `ZZ` for a country that nobody told.
package enum Country {
    /// Every code that is taken, in alphabetical order.
    package static let codes: [String] = list.split(whereSeparator: \.isWhitespace).map(String.init)

    /// What is wrong with a code, and which is right; nil when nothing is.
    package static func fault(in code: String) -> String? {
        var place = 0, count = 0
        for byte in code.utf8 {
            guard (65...90).contains(byte), count < 2 else { return unknown(code) }
            (place, count) = (place * 26 + Int(byte) - 65, count + 1)
        }
        return count == 2 && isCode[place] ? nil : unknown(code)
    }

    private static func unknown(_ code: String) -> String {
        let right =
            switch code {
            case "UK": "GB"
            case "EL": "GR"
            case "XI": "GB, and XI before the VAT number"
            default: "two capitals such as GB"
            }
        return "\(code) is no ISO 3166-1 code; write \(right)"
    }

    /// By the place among all that two letters make.
    private static let isCode: [Bool] = {
        var isCode = [Bool](repeating: false, count: 26 * 26)
        for code in codes { isCode[code.utf8.reduce(0) { $0 * 26 + Int($1) - 65 }] = true }
        return isCode
    }()

    private static let list = """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG
        CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI
        GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ
        LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO
        NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST
        SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ZZ
        """
}
