import Domain
import Testing

@Suite struct ShownTextTests {
    @Test(arguments: [
        ("Meyer GmbH", "Meyer GmbH"), ("", ""), ("Größe € – “x” 山本", "Größe € – “x” 山本"), ("two\r\nlines\tand", "two\r\nlines\tand"),
        ("INV\u{202E}100", "INV[U+202E]100"), ("a\u{202A}b\u{202B}c\u{202D}d\u{202C}", "a[U+202A]b[U+202B]c[U+202D]d[U+202C]"),
        ("\u{2066}x\u{2067}y\u{2068}z\u{2069}", "[U+2066]x[U+2067]y[U+2068]z[U+2069]"),
        ("\u{200E}\u{200F}\u{61C}", "[U+200E][U+200F][U+061C]"),
        ("Mey\u{200B}er\u{FEFF}\u{2060}", "Mey[U+200B]er[U+FEFF][U+2060]"), ("Mey\u{AD}er", "Mey[U+00AD]er"), ("a\u{2028}b", "a[U+2028]b"),
        ("\u{1B}[31m\u{7F}\u{9B}\u{0}", "[U+001B][31m[U+007F][U+009B][U+0000]"), ("x\u{E0041}", "x[U+E0041]"),
        ("Mey\u{200D}er\u{200C}", "Mey[U+200D]er[U+200C]"), ("1\u{200D}ب", "1[U+200D]ب"), ("ب\u{200D}\u{200D}ب", "ب[U+200D][U+200D]ب"),
        ("می\u{200C}خواهم", "می\u{200C}خواهم"), ("👩\u{200D}🚀", "👩\u{200D}🚀"), ("שלום עולם", "שלום עולם"),
    ])
    func whatCannotBeSeenIsWrittenOut(text: String, shown: String) {
        #expect(Array(text.shown.unicodeScalars) == Array(shown.unicodeScalars))
        #expect(Array(shown.shown.unicodeScalars) == Array(shown.unicodeScalars), "once is enough")
    }

    /// Every scalar that hides is found, whatever its bytes begin with.
    @Test func noHiddenScalarSlipsThrough() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.isHidden else { continue }
            #expect("a\(scalar)b".shown == "a\(scalar.written)b", "\(scalar.written)")
        }
    }
}
