using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>Drawing: what is kept, and what is shown of texts of others.</summary>
public sealed class RenderTests(Chromium chromium)
{
    [Fact]
    public async Task Texts_InAttributesAndChildren_DoNotTurnTheDirection()
    {
        var seen = await ModulePage.RunAsync<string[]>(chromium, """
            const { h } = await import('/js/dom/h.js');
            const { render } = await import('/js/dom/render.js');
            const turned = 'a\u202eb\u2066';
            render(document.body, h('button', { title: turned, 'aria-label': turned }, turned));
            const { title, ariaLabel, textContent } = document.querySelector('button');
            return [title, ariaLabel, textContent];
            """);

        Assert.Equal(Enumerable.Repeat("a\uFFFDb\uFFFD", 3), seen);
    }
}
