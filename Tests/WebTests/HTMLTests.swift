import Domain
import Testing
import Web

@Test func textIsEscapedAndMarkupIsNot() {
    let name = "<script>alert('&')</script> \"quoted\""
    let cell: HTML = "<td title=\"\(name)\">\(name)</td>"
    let row: HTML = "<tr>\(cell)</tr>"
    #expect(
        row.text == """
            <tr><td title="&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt; &quot;quoted&quot;">\
            &lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt; &quot;quoted&quot;</td></tr>
            """)
}

@Test func aTextIsShownAndWhatAFormSendsIsItself() {
    let text = "a\u{202E}<b\u{200B}"
    #expect(("<b title=\"\(text)\">\(text)</b>" as HTML).text == "<b title=\"a[U+202E]&lt;b[U+200B]\">a[U+202E]&lt;b[U+200B]</b>")
    #expect(("<input value=\"\(sent: text)\">" as HTML).text == "<input value=\"a\u{202E}&lt;b\u{200B}\">")
}

@Test(
    arguments: [
        (123_456_789, Currency.gbp, "1,234,567<span class=\"f\">.89</span>"),
        (-5, .eur, "\u{2212}0<span class=\"f\">.05</span>"),
        (1234, .jpy, "1,234<span class=\"f\"></span>"),
        (1234, .kwd, "1<span class=\"f\">.234</span>"),
        (0, .gbp, "0<span class=\"f\">.00</span>"),
    ] as [(Int64, Currency, String)])
func amountsKeepTheirFractionApart(minor: Int64, currency: Currency, shown: String) {
    let text = Money(minor: minor, currency).html().text
    #expect(text.contains(shown), "\(text)")
    #expect(text.contains(" neg\"") == (minor < 0))
}
