using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>Drawing: what is kept, and what is shown of texts of others.</summary>
public sealed class RenderTests(Chromium chromium)
{
    [Fact]
    public async Task Rows_InAnotherOrder_LeaveTheFocusWhereItIs()
    {
        var seen = await ModulePage.RunAsync<string[]>(chromium, """
            const { h } = await import('/js/dom/h.js');
            const { render } = await import('/js/dom/render.js');
            const list = document.createElement('ul');
            document.body.append(list);
            const draw = order => render(list, [...order].map(key => h('li', { key }, h('a', { href: '#', id: key }, key))));
            draw('abcdef');
            const blurred = [];
            const faults = [];
            const orders = ['fedcba', 'cab', 'bac', 'xbay', 'ab', 'bcdefa', 'efab', 'bfea', 'abefgh', 'hbgfea'];
            document.getElementById('b').focus();
            list.addEventListener('focusout', e => blurred.push(e.target.id));
            for (const order of orders) {
              draw(order);
              if (list.textContent !== order)
                faults.push(`${list.textContent} for ${order}`);
            }
            return [document.activeElement.id, ...blurred, ...faults];
            """);

        Assert.Equal(["b"], seen);
    }

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

    [Fact]
    public async Task ChartsReading_WhileTimePasses_IsOfTheMomentThatWasChosenAndSaidOnce()
    {
        var seen = await ModulePage.RunAsync<string[]>(chromium, """
            await import('/js/charts/time-chart.js');
            const chart = document.createElement('time-chart');
            chart.style.display = 'block';
            document.body.append(chart);
            const draw = to => {
              const points = Array.from({ length: 900 }, (_, i) => ({ t: (to - 899 + i) * 1000, n: to - 899 + i }));
              chart.chart = { label: 'n', points, seconds: 900, lines: [{ field: 'n', name: 'n' }], format: n => String(Math.round(n)) };
            };
            draw(10_000);
            await clock.draw();
            const svg = chart.querySelector('svg');
            const live = chart.querySelector('[aria-live]');
            const press = key => svg.dispatchEvent(new KeyboardEvent('keydown', { key }));
            press('End');
            press('ArrowLeft');
            press('ArrowLeft');
            const chosen = live.textContent;
            let said = 0;
            new MutationObserver(() => said++).observe(live, { childList: true, characterData: true, subtree: true });
            for (let i = 1; i <= 300; i++)
              draw(10_000 + i);
            await clock.settle();
            const kept = live.textContent;
            // From there the next point is that moment's next, wherever it stands by now.
            press('ArrowRight');
            press('ArrowLeft');
            const again = live.textContent;
            draw(12_000);
            return [said, kept === chosen, again === chosen, live.textContent].map(String);
            """);

        Assert.Equal(["0", "true", "true", ""], seen);
    }
}
