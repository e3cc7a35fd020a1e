import Domain
import Formats
import Testing

/// Damaged files of every format: each is read or refused, never a crash, within a bound of time.
@Suite struct FormatFuzzTests {
    private static let samples: [String] = [
        "{1:F01X}{2:O940}{4:\n:20:S\n:25:DE02300606010002474689\n:28C:1/1\n:60F:C260101EUR0,\n:61:2601050105CR100,00NTRFNONREF//B1\n"
            + ":86:166?00GUTSCHRIFT?20EREF+E1?21SVWZ+RECHNUNG 1?32MEYER?33 GMBH\n:61:260106RD5,NMSC\n:86:/EREF/X/REMI/USTD//FACTUUR/\n:62F:C260106EUR105,\n-}",
        "01,A,B,260105,0829,1,80,1,2/\n02,A,B,1,260105,,USD,/\n03,123,USD,010,100,,,015,300,,/\n16,142,200,V,260105,,R1,C1,PAYMENT/\n88,MORE/\n"
            + "16,475,0,D,1,1,5,,,X/\n49,600,5/\n98,600,1,7/\n99,600,1,9/\n",
        "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
            + "<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>1.5<FITID>A<NAME>A &amp; B<MEMO>M</STMTTRN></BANKTRANLIST>"
            + "<LEDGERBAL><BALAMT>1<DTASOF>20260105</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>",
        "101 031300012 2313801042601051200A094101Bank\n5220Acme                                1512345678CTXPAYMENT   260105260106   1031300010000001\n"
            + "622031300012987654           0000015000ID-1           0001Our Company       1031300010000001\n705RMR*IV*INV-1**150.00\\\n"
            + "82200000020003130001000000000000000000015000\n9000001000001000000020003130001000000000000000000015000\n",
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*U*00401*000000001*0*P*>~GS*RA*A*B*20260105*1*1*X*004010~"
            + "ST*820*1~BPR*C*10*C*ACH~N1*PR*X~RMR*IV*A**10*12*1*01*-1~ADX*-1*06~SE*6*1~GE*1*1~IEA*1*1~",
        "UNA:+.? 'UNB+UNOC:3+A+B'UNH+1+REMADV:D:96A:UN'BGM+481+R'CUX+2:EUR'DOC+380+R-1'MOA+12:5.5'UNS+S'MOA+12:5.5'UNT+8+1'UNZ+1+1'",
        "From: A\nInvoice  Amount Paid\nINV-1  1,000.00 EUR\nTotal 1,000.00\nRechnung 4711 mit 5,00 EUR\n",
    ]

    private func read(_ bytes: [UInt8]) throws {
        func bounded(_ read: () throws -> Void) throws {
            do { try read() } catch let fault as FileFault { #expect(!fault.message.isEmpty) }
        }
        try withFile(bytes) { path in
            var count = 0
            try bounded { try readStatements(path, currency: .eur) { _ in count += 1 } }
            try bounded { _ = try readRemittance(path, currency: .eur) }
            #expect(count < 10_000)
        }
    }

    @Test(arguments: samples.indices) func survivesEveryTruncation(sample: Int) throws {
        let bytes = Array(Self.samples[sample].utf8)
        for length in stride(from: 0, to: bytes.count, by: 3) { try read(Array(bytes[..<length])) }
    }

    @Test(arguments: samples.indices) func survivesDamagedBytes(sample: Int) throws {
        let bytes = Array(Self.samples[sample].utf8)
        var random = Noise(seed: UInt64(sample) + 1)
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let at = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: damaged[at] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged[at] = Array("0123456789*+:'~/,.<>-\n?C".utf8).randomElement(using: &random) ?? 0
                case 2: damaged.insert(damaged[at], at: at)
                default: if damaged.count > 1 { damaged.remove(at: at) }
                }
            }
            try read(damaged)
        }
    }

    @Test(arguments: samples.indices) func survivesHostileNumbers(sample: Int) throws {
        for number in ["99999999999999999999", "9223372036854775807", "-9223372036854775808", "0", "1000000000000000"] {
            var text = "", isDigits = false
            for character in Self.samples[sample] {
                if character.isNumber {
                    if !isDigits { text += number }
                    isDigits = true
                } else {
                    text.append(character)
                    isDigits = false
                }
            }
            try read(Array(text.utf8))
        }
        let text = Self.samples[sample]
        for number in ["99999999999999999999", "9223372036854775807", "922337203685477580799"] {
            for (from, length) in [("100,00", 6), ("200", 3), ("1.5", 3), ("0000015000", 10), ("*10*", 4), ("5.5", 3), ("1,000.00", 8)]
            where text.contains(from) {
                #expect(length == from.count)
                try read(Array(text.replacing(from, with: from.hasPrefix("*") ? "*\(number)*" : number).utf8))
            }
        }
    }

    @Test func survivesNoiseBehindEveryHead() throws {
        var random = Noise(seed: 7)
        for head in ["", ":20:", "01,", "101 0313", "OFXHEADER:100\n<OFX>", "<?xml?><OFX>", "ISA*", "UNA:+.? '", "UNB+", "<Document>"] {
            for _ in 0..<100 {
                let noise = (0..<Int.random(in: 0..<600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                try read(Array(head.utf8) + noise)
            }
        }
    }
}

/// SplitMix64: the same damage for the same seed.
private struct Noise: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
