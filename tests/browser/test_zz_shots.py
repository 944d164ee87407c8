from tests.support.walking import *
async def test_shots(visitors, found, door):
    import asyncio
    out="/tmp/s5/h6/shots"
    import os; os.makedirs(out, exist_ok=True)
    for name, path, login, lang in [("list","/roster","weiss","en"),("new","/roster/new","weiss","de"),("held","/roster/{held}","okafor","en"),("held-de","/roster/{held}","okafor","de"),("apply","/roster/{held}/apply","weiss","de"),("rejected","/roster/{held}/changes/rejected","weiss","en"),("applied","/roster/{applied}","weiss","de"),("unreadable","/roster/{unreadable}","weiss","de"),("home","/","kurz","en")]:
        async with visitors.visit(login, language=lang) as w:
            await w.open(path.format_map(found)); await w.page.screenshot(path=f"{out}/{name}.png", full_page=True)
    async with visitors.visit("weiss", PHONE, "de") as w:
        await w.open("/roster/{held}".format_map(found)); await w.page.screenshot(path=f"{out}/held-phone.png", full_page=True)
    async with visitors.visit("weiss") as w:
        await w.open("/roster/new")
        await w.page.set_input_files("#roster", {"name":"x.csv","mimeType":"text/csv","buffer":b"a"*(18*1024*1024)})
        try:
            await w.page.get_by_role("button", name="Show what would change").click()
            await w.page.wait_for_load_state()
            print("LARGE", w.page.url, await w.page.locator("h1").all_inner_texts())
        except Exception as e: print("LARGE", e)
        await w.page.screenshot(path=f"{out}/large.png")
        w.expected.append("")
